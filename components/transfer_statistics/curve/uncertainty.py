"""Intervals: percentile and BCa ends from bootstrap resamples, Wilson for one accuracy, Newcombe for a difference.

References: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 14.3; Wilson (1927);
Newcombe (1998), Statistics in Medicine 17, method 10.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

LEVEL = 0.95
Z = float(ndtri(0.5 + LEVEL / 2))
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Ends:
    """Interval ends of many statistics at once, axes (statistics,); NaN where there is no interval."""

    low: Array
    high: Array
    error: Array  # standard deviation over the resamples
    method: Array  # "bca" or "percentile" for each statistic


def bootstrap_ends(value: Array, resamples: Array, jackknife: Array | None) -> Ends:
    """BCa ends where a jackknife is given and its correction is finite, else percentile ends.

    value (K,), resamples (B, K), jackknife (items, K) or None. Resamples that are undefined (NaN: a ratio whose
    denominator was 0 in that resample) are left out; above 2.5% of them there is no interval.
    """
    ordered = np.sort(np.ascontiguousarray(resamples.T), axis=-1)  # NaN sort last
    finite = np.isfinite(ordered).sum(axis=-1)
    tail = np.full(value.shape, (1 - LEVEL) / 2)
    low_at, high_at = tail, 1 - tail
    method = np.full(value.shape, "percentile", dtype=object)
    if jackknife is not None:
        bca_low, bca_high = _bca_positions(value, ordered, finite, jackknife)
        sound = np.isfinite(bca_low) & np.isfinite(bca_high)
        low_at, high_at = np.where(sound, bca_low, low_at), np.where(sound, bca_high, high_at)
        method[sound] = "bca"
    usable = finite >= (1 - (1 - LEVEL) / 2) * ordered.shape[-1]
    return Ends(
        low=np.where(usable, _quantile(ordered, finite, low_at), np.nan),
        high=np.where(usable, _quantile(ordered, finite, high_at), np.nan),
        error=np.where(usable, _spread(ordered, finite), np.nan),
        method=method,
    )


def _bca_positions(value: Array, ordered: Array, finite: Array, jackknife: Array) -> tuple[Array, Array]:
    """The quantiles that BCa reads instead of 2.5% and 97.5%, (14.10); NaN where the correction is not defined."""
    near = 1e-9 * np.maximum(1.0, np.abs(value))[:, None]  # resamples that equal the value up to rounding count half
    below = (ordered < value[:, None] - near).sum(axis=-1)
    equal = (np.abs(ordered - value[:, None]) <= near).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        bias = ndtri((below + equal / 2) / finite)  # (14.14)
        distance = jackknife.mean(axis=0) - jackknife
        squares = (distance**2).sum(axis=0)
        acceleration = (distance**3).sum(axis=0) / (6 * squares**1.5)  # (14.15)
        positions = []
        for z in (-Z, Z):
            stretch = 1 - acceleration * (bias + z)
            position = ndtr(bias + (bias + z) / stretch)
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
    inside = np.arange(ordered.shape[-1]) < finite[:, None]
    count = np.maximum(finite, 1)
    centre = np.where(inside, ordered, 0.0).sum(axis=-1) / count
    squares = np.where(inside, ordered - centre[:, None], 0.0) ** 2
    return np.sqrt(squares.sum(axis=-1) / count)


def wilson(mean: Array, items: Array) -> tuple[Array, Array]:
    """Wilson's score interval of a proportion (0 to 1) over `items` independent items."""
    shrink = 1 + Z**2 / items
    centre = (mean + Z**2 / (2 * items)) / shrink
    half = Z / shrink * np.sqrt(mean * (1 - mean) / items + Z**2 / (4 * items**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def newcombe(later: float, earlier: float, items: int) -> tuple[float, float]:
    """Interval of later - earlier, two proportions, from their Wilson intervals.

    It ignores pairing and is therefore wide; used where every resample is alike and the bootstrap sees no spread.
    """
    low, high = wilson(np.array([later, earlier]), np.array([items, items]))
    difference = later - earlier
    return (
        difference - float(np.hypot(later - low[0], high[1] - earlier)),
        difference + float(np.hypot(high[0] - later, earlier - low[1])),
    )
