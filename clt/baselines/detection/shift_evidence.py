"""The evidence that a mean has moved at a given place, its level and its noise unknown before and after."""

import numpy as np
from scipy.special import chdtri

Array = np.ndarray

SHIFT_SD = 7**0.5  # of the shifts that are looked for, in sd of a run: as much as 1, 2 and 4 in equal parts
HARDLY = 0.001  # runs hardly differ where noise of the floor would make them as alike with this probability only
LARGEST = 600.0  # of the evidence's logarithm: sums stay finite


def shift_evidence(between: Array, within: Array, runs: int, after: Array, smallest_sd: Array) -> Array:
    """How much more probable the runs are with a shift before the last `after` ones than without.

    The shift is normal with sd `SHIFT_SD` times that of a run. With the level's flat and the noise's scale-free prior,
    alike on both sides, that ratio is

        (1 + g)^(-1/2) ((B + W) / (W + B / (1 + g)))^((n - 1) / 2),    g = SHIFT_SD^2 m r / n,

    B and W being the sums of squares between and within the m runs before and the r after, n = m + r. It depends
    neither on level nor on noise: with normal runs and no shift its mean is 1 after any number of runs, whatever was
    seen before (an e-process).

    The floor makes it smaller: W is at least that of runs that differ by the floor. Where runs hardly differ at all
    (`HARDLY`) the noise is taken as known, and to be the floor, which is an e-process for all runs that differ by less:
    a base model that gives the same score every week needs no weeks to show how little it varies.

    Args:
        between: B, (places, comparisons), squares of the metric's unit.
        within: W, the same.
        runs: n, at least 3.
        after: r, (places, 1), each from 1 to n - 1.
        smallest_sd: (comparisons,), above 0: the floor of a run's standard deviation, in the metric's unit.

    Source: the g-prior's Bayes factor for one contrast (Liang et al. 2008, JASA 103), which is an e-process for any
    sample size (Pérez-Ortiz et al. 2024, Annals of Statistics 52, arXiv 2208.07610).
    """
    g = SHIFT_SD**2 * after * (runs - after) / runs
    floor = smallest_sd**2
    noise = np.maximum(within, (runs - 2) * floor)
    of_unknown_noise = (runs - 1) / 2 * np.log((between + noise) / (noise + between / (1 + g)))
    hardly_differ = within <= floor * chdtri(runs - 2, 1 - HARDLY)
    log_ratio = of_unknown_noise
    if hardly_differ.any():
        log_ratio = np.where(hardly_differ, between * g / (1 + g) / (2 * floor), of_unknown_noise)
    return np.exp(np.minimum(log_ratio, LARGEST)) / np.sqrt(1 + g)
