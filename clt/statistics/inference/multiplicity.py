"""p-values of many tests, corrected together."""

import numpy as np

Array = np.ndarray


def holm(p: Array) -> Array:
    """p-values corrected so that the chance of any false finding is held.

    Args:
        p: p-values (tests,).

    Returns:
        Corrected ones (tests,), in the same order.

    Source: Holm (1979), Scandinavian Journal of Statistics 6.
    """
    order = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return corrected


def benjamini_hochberg(p: Array) -> Array:
    """p-values corrected so that the expected share of false findings is held.

    Args:
        p: p-values (tests,).

    Returns:
        Corrected ones (tests,), in the same order.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return corrected
