"""How a judge's ratings agree with people's: weighted kappa, mean difference, length bias, spread of repeated readings.

Intervals resample items with all their readings: readings of one answer depend on each other, answers do not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

RESAMPLES = 4000
LEVEL = 0.95
FEWEST_FOR_BIAS = 4  # answers; a rank correlation of fewer says nothing
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Estimate:
    value: float | None  # None where it is undefined
    low: float | None  # ends of the 95% interval
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """Of one judge with people, over the answers that it rated at least once."""

    answers: int
    unrated: int  # answers of which no reading gave a rating
    unread: int  # readings without a rating, of all answers
    kappa: Estimate
    mean_difference: Estimate  # of ratings, judge - people
    length_bias: float | None  # rank correlation of judge - people with the answer's length
    length_bias_p: float | None  # two-sided
    noise_sd: float | None  # of one reading; None where no answer has two


def agreement(ratings: Array, human: Array, lengths: Array) -> Agreement:
    """Hold ratings against people's.

    Args:
        ratings: From 1 to 5, (answers, readings); NaN where a reading gave none.
        human: From 1 to 5, (answers,).
        lengths: Of the answers in characters, (answers,).

    Source: kappa with quadratic weights as 1 - observed / expected mean squared difference, each reading a pair with
    the human rating: Cohen (1968), Psychological Bulletin 70. Length bias: Spearman's rank correlation.
    """
    rated = np.isfinite(ratings).any(axis=1)
    x, h = ratings[rated], human[rated]
    weights = np.ones((1, len(x)))
    drawn = np.random.default_rng(0).multinomial(len(x), np.full(len(x), 1 / len(x)), RESAMPLES) if len(x) else weights
    bias, p = _length_bias(np.nanmean(x, axis=1) - h if len(x) else h, lengths[rated])
    return Agreement(
        answers=len(human),
        unrated=int((~rated).sum()),
        unread=int(np.isnan(ratings).sum()),
        kappa=_estimate(_kappa(x, h, weights), _kappa(x, h, drawn)),
        mean_difference=_estimate(_difference(x, h, weights), _difference(x, h, drawn)),
        length_bias=bias,
        length_bias_p=p,
        noise_sd=_noise(x),
    )


def _kappa(ratings: Array, human: Array, weights: Array) -> Array:
    """Quadratic weighted kappa for each row of weights (resamples, answers); NaN where neither side varies."""
    counts = np.isfinite(ratings).sum(axis=1)
    sums, squares = np.nansum(ratings, axis=1), np.nansum(ratings**2, axis=1)
    total = weights @ counts
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, mean_square = weights @ sums / total, weights @ squares / total
        human_mean, human_square = weights @ (counts * human) / total, weights @ (counts * human**2) / total
        product = weights @ (sums * human) / total
        observed = mean_square - 2 * product + human_square
        expected = mean_square - 2 * mean * human_mean + human_square  # of independent pairs with the same margins
        return np.where(expected > 1e-12, 1 - observed / expected, np.nan)


def _difference(ratings: Array, human: Array, weights: Array) -> Array:
    """Mean of rating - human over readings, for each row of weights."""
    counts = np.isfinite(ratings).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return weights @ (np.nansum(ratings, axis=1) - counts * human) / (weights @ counts)


def _estimate(value: Array, resampled: Array) -> Estimate:
    """The value, with the percentiles of its resamples where it has several."""
    resampled = resampled[np.isfinite(resampled)]
    if not np.isfinite(value[0]):
        return Estimate(None, None, None)
    if len(resampled) < 2:
        return Estimate(float(value[0]), None, None)
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(value[0]), float(low), float(high))


def _length_bias(differences: Array, lengths: Array) -> tuple[float | None, float | None]:
    if len(lengths) < FEWEST_FOR_BIAS or np.ptp(differences) == 0 or np.ptp(lengths) == 0:
        return None, None
    result = spearmanr(differences, lengths)
    return float(result.statistic), float(result.pvalue)


def _noise(ratings: Array) -> float | None:
    """Standard deviation of one reading: the root of the mean variance within answers that were read twice or more."""
    several = ratings[np.isfinite(ratings).sum(axis=1) > 1]
    return float(np.sqrt(np.nanvar(several, axis=1, ddof=1).mean())) if len(several) else None
