"""The cross-fitted gain: n is chosen on one half of the items and measured on the other, and the halves swapped.

The largest of several noisy points is too large on average; a gain measured on items that had no part in the choice
is not. Averaged over random halves. An item and all its duplicates in a resample stay in one half.
"""

from collections.abc import Callable

import numpy as np

from components.transfer_statistics.curve.resampling import Weights, quotient, seed, sums
from components.transfer_statistics.scores.sample import Sample

SPLITS = 50  # of the estimate
RESAMPLED_SPLITS = 8  # of every resample; fewer only widen the interval a little
Array = np.ndarray


def cross_fitted_gains(
    sample: Sample, weights: Weights, measures: Callable[[Array], Array], *, zero: int, higher_is_better: bool
) -> tuple[Array, Array]:
    """Cross-fitted gains over n = 0 of K measures: value (K,) and resamples (B, K).

    `measures` maps means (..., points, languages) to (..., points, K); `zero` is the point n = 0, which is not among
    the choices. NaN where a measure is undefined in a half. Needs two items or more and one point besides n = 0.
    """
    halves = _halves(sample.items, SPLITS)
    sign = 1.0 if higher_is_better else -1.0

    def improvements(means: Array) -> Array:
        values = measures(means)
        return np.delete(sign * (values - values[..., zero : zero + 1, :]), zero, axis=-2)

    once = Weights(np.ones((1, len(sample.items))))
    value = _mean_over_halves(sample, once, halves, improvements)[0]
    return value, _mean_over_halves(sample, weights, halves[:RESAMPLED_SPLITS], improvements)


def _halves(items: tuple[str, ...], count: int) -> Array:
    """Random halves of the items, (count, items) of bool, seeded by the item names."""
    generator = np.random.default_rng(seed(items, "halves"))
    order = np.argsort(generator.random((count, len(items))), axis=1)
    return np.argsort(order, axis=1) < len(items) // 2


def _mean_over_halves(sample: Sample, weights: Weights, halves: Array, improvements: Callable[[Array], Array]) -> Array:
    all_totals, all_counts = sums(sample, weights)
    gains = []
    for half in halves:
        totals, counts = sums(sample.part(half), Weights(weights.items[:, half], weights.runs))
        one = improvements(quotient(sample, totals, counts))
        other = improvements(quotient(sample, all_totals - totals, all_counts - counts))
        gains.append((_measured(one, other) + _measured(other, one)) / 2)
    return np.mean(gains, axis=0)


def _measured(choose: Array, measure: Array) -> Array:
    """The improvement in `measure` (..., points, K) at the point that is best in `choose`; axes (..., K)."""
    at = np.where(np.isnan(choose), -np.inf, choose).argmax(axis=-2)
    return np.take_along_axis(measure, at[..., None, :], axis=-2)[..., 0, :]
