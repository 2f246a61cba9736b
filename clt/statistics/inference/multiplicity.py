"""p-values of many tests, corrected together."""

import numpy as np

Array = np.ndarray


def holm(p: Array) -> Array:
    """Corrected p-values (tests,), in the order of p: the chance of any false finding is held (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return corrected


def benjamini_hochberg(p: Array) -> Array:
    """Corrected p-values (tests,), in the order of p: the expected share of false findings is held (1995)."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return corrected
