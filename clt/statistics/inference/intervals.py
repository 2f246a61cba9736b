"""Intervals: percentile and BCa ends from bootstrap resamples, Wilson for one accuracy, Newcombe for a difference.

References: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 14.3; Hesterberg (2015), The
American Statistician 69, for the expanded positions; Wilson (1927), JASA 22; Newcombe (1998), Statistics in Medicine
17, method 10.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from clt.statistics.inference.interval_method import IntervalMethod

LEVEL = 0.95
POWER = 0.8  # detectable: the difference that is found four times in five (Cohen 1988)
Z = float(ndtri(0.5 + LEVEL / 2))
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class IntervalBounds:
    """Interval ends of many statistics at once, axes (statistics,); NaN where there is no interval."""

    low: Array
    high: Array
    error: Array  # standard deviation over the resamples
    method: Array  # "bca" or "percentile" for each statistic


def bootstrap_bounds(value: Array, resamples: Array, jackknife: Array, clusters: int | None = None) -> IntervalBounds:
    """BCa ends where the jackknife gives a finite correction, else percentile ends; both expanded (Hesterberg 2015).

    Resamples that are undefined (NaN: a ratio whose denominator was 0 in that resample) are left out; above 2.5% of
    them there is no interval.

    Args:
        value: The statistics (K,).
        resamples: Their bootstrap resamples (B, K).
        jackknife: Their values with each cluster left out (clusters, K); NaN for statistics that are not smooth.
        clusters: Clusters that a value rests on, for which the ends are expanded; all of the jackknife's if left out.

    Returns:
        Bounds of 95% intervals (K,), and the standard deviations over the resamples.

    Source: Efron and Tibshirani (1993), section 14.3; Hesterberg (2015), section 5.3.
    """
    ordered = np.sort(np.ascontiguousarray(resamples.T), axis=-1)  # NaN sort last
    finite = ordered.shape[-1] - np.isnan(ordered).sum(axis=-1)
    z = hesterberg_quantile(len(jackknife) if clusters is None else clusters)
    bca_low, bca_high = _bca_positions(value, ordered, finite, jackknife, z)
    sound = np.isfinite(bca_low) & np.isfinite(bca_high)
    usable = finite >= (1 - (1 - LEVEL) / 2) * ordered.shape[-1]
    return IntervalBounds(
        low=np.where(usable, _quantile(ordered, finite, np.where(sound, bca_low, ndtr(-z))), np.nan),
        high=np.where(usable, _quantile(ordered, finite, np.where(sound, bca_high, ndtr(z))), np.nan),
        error=np.where(usable, _spread(ordered, finite), np.nan),
        method=np.where(sound, IntervalMethod.BCA, IntervalMethod.PERCENTILE).astype(object),
    )


def percentile_bounds(value: Array, resamples: Array, clusters: int) -> IntervalBounds:
    """The same for statistics that are not smooth, resampled over so many clusters."""
    return bootstrap_bounds(value, resamples, np.full((clusters, len(value)), np.nan))


def hesterberg_quantile(clusters: int) -> float:
    """What replaces 1.96 in the positions of the bootstrap's ends.

    The spread of the resamples divides by n where n - 1 is due, and it is estimated: t takes the place of the normal
    distribution. 2.02 for 60 clusters, 1.97 for 250.

    Source: Hesterberg (2015), section 5.3.
    """
    return float(small_sample(clusters) * t_factor(clusters - 1))


def small_sample(clusters: int) -> float:
    """What makes a standard deviation over resamples the standard error with clusters - 1 degrees of freedom."""
    return float(np.sqrt(clusters / (clusters - 1)))


def t_factor(df: Array | float) -> Array:
    """What a standard error is multiplied by for half of a 95% interval."""
    return np.asarray(stdtrit(df, 0.5 + LEVEL / 2))


def detectable(error: float, df: float, tests: float = 1) -> float:
    """The difference that would be found 4 times in 5 by a t test with this standard error and degrees of freedom.

    From the noncentral t distribution; the far tail is left out.

    Args:
        error: Standard error of the difference, in its unit.
        df: Degrees of freedom of the error.
        tests: How many independent tests by Bonferroni the correction is as strict as; 1: there is none.

    Returns:
        A difference in the unit of the error.
    """
    tail = 1 - (1 - LEVEL) / (2 * tests)
    if df > 1e4:  # the noncentral t distribution is normal
        return float(ndtri(tail) + ndtri(POWER)) * error
    critical = float(stdtrit(df, tail))
    # scipy's own inverse, nctdtrinc, does not end for some degrees of freedom between whole numbers
    shift = brentq(lambda shift: nctdtr(df, shift, critical) - (1 - POWER), 0, 4 * critical + 10)
    return float(shift) * error


def _bca_positions(value: Array, ordered: Array, finite: Array, jackknife: Array, z: float) -> tuple[Array, Array]:
    """The quantiles that BCa reads instead of those of -z and z, (14.10); NaN where the correction is not defined."""
    near = 1e-9 * np.maximum(1.0, np.abs(value))  # resamples that equal the value up to rounding count half
    below = np.array([row.searchsorted(end, "left") for row, end in zip(ordered, value - near, strict=True)])
    upto = np.array([row.searchsorted(end, "right") for row, end in zip(ordered, value + near, strict=True)])
    with np.errstate(divide="ignore", invalid="ignore"):
        bias = ndtri((below + upto) / 2 / finite)  # (14.14)
        distance = jackknife.mean(axis=0) - jackknife
        squares = (distance**2).sum(axis=0)
        acceleration = (distance**3).sum(axis=0) / (6 * squares**1.5)  # (14.15)
        positions = []
        for end in (-z, z):
            stretch = 1 - acceleration * (bias + end)
            position = ndtr(bias + (bias + end) / stretch)
            positions.append(np.where((stretch > 0) & (squares > 1e-24), position, np.nan))
    return positions[0], positions[1]


def _quantile(ordered: Array, finite: Array, position: Array) -> Array:
    """Linear interpolation between order statistics, axes (statistics,)."""
    place = np.clip(position, 0, 1) * np.maximum(finite - 1, 0)
    left = np.floor(place).astype(int)
    right = np.minimum(left + 1, np.maximum(finite - 1, 0))
    rows = np.arange(len(ordered))
    share = place - left
    return ordered[rows, left] * (1 - share) + ordered[rows, right] * share


def _spread(ordered: Array, finite: Array) -> Array:
    """Standard deviation of the finite resamples, axes (statistics,)."""
    spread = ordered.std(axis=-1)
    for row in np.flatnonzero((finite < ordered.shape[-1]) & (finite > 0)):
        spread[row] = ordered[row, : finite[row]].std()
    return spread


def wilson(mean: Array, items: Array) -> tuple[Array, Array]:
    """Wilson's score interval (95%) of proportions.

    Args:
        mean: Proportions, 0 to 1, of any shape.
        items: Independent items behind each, of the same shape.

    Returns:
        Lower and upper bounds, within 0 and 1.

    Source: Wilson (1927), JASA 22.
    """
    shrink = 1 + Z**2 / items
    centre = (mean + Z**2 / (2 * items)) / shrink
    half = Z / shrink * np.sqrt(mean * (1 - mean) / items + Z**2 / (4 * items**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def newcombe(later: float, earlier: float, items: int) -> tuple[float, float]:
    """Interval (95%) of later - earlier, two proportions, from their Wilson intervals.

    It ignores pairing and is therefore wide; used where every resample is alike and the bootstrap sees no spread.

    Args:
        later: A proportion, 0 to 1.
        earlier: The one that is subtracted.
        items: Independent items behind each of them.

    Returns:
        Lower and upper bound.

    Source: Newcombe (1998), Statistics in Medicine 17, method 10.
    """
    low, high = wilson(np.array([later, earlier]), np.array([items, items]))
    difference = later - earlier
    return (
        difference - float(np.hypot(later - low[0], high[1] - earlier)),
        difference + float(np.hypot(high[0] - later, earlier - low[1])),
    )
