"""The measures of one curve, as plain array functions.

Every function takes scores with axes (..., points, languages) or group means with axes (..., points) and keeps the
leading axes, so that the value itself, all bootstrap resamples and all jackknife samples go through the same code.
An undefined value is NaN here and null, with a reason, in statistics.json. Definitions: docs/statistics.md.
"""

from collections.abc import Mapping

import numpy as np

from clt.statistics.scores.roles import Roles

Array = np.ndarray


def group_means(scores: Array, roles: Roles) -> dict[str, Array]:
    """Mean over the languages of each group, axes (..., points); NaN for a group without languages.

    A language without a score at a point makes its groups NaN there: an average over fewer languages is another one.
    """
    order = roles.languages
    means = {}
    for name, codes in roles.groups().items():
        where = [order.index(code) for code in codes]
        means[name] = _mean(scores, where) if where else np.full(scores.shape[:-1], np.nan)
    return means


def _mean(scores: Array, where: list[int]) -> Array:
    """Mean over some languages, added one by one: picking columns would copy them and lose the order in memory."""
    total = scores[..., where[0]].copy(order="K")
    for column in where[1:]:
        total += scores[..., column]
    total /= len(where)
    return total


def relative(non_english: Array, english: Array) -> Array:
    """R(n) = A(n) / EN(n), a share (1.0: as good as English); NaN where the English score is 0.

    A ratio of means, as in the paper, not a mean of the languages' ratios.
    """
    return ratio(non_english, english)


def transfer_share(trained_change: Array, held_out_change: Array) -> Array:
    """(U(n) - U(0)) / (S(n) - S(0)); NaN where S did not move."""
    return ratio(held_out_change, trained_change)


def change(values: Array, baseline_index: int | None) -> Array:
    """Difference from the point n = 0 (`baseline_index`), axes (..., points); NaN if the curve has no such point."""
    if baseline_index is None:
        return np.full(values.shape, np.nan)
    return values - values[..., baseline_index : baseline_index + 1]


def best_gain(changes: Array, *, higher_is_better: bool) -> Array:
    """The largest improvement over n = 0, axes (...), from changes (..., points).

    NaN points are passed over. Biased upwards, being a maximum over noisy points: `cross_fitted_gains` is not.
    """
    best = np.fmax.reduce(changes if higher_is_better else -changes, axis=-1)
    return np.asarray(best)


def best_point(changes: Array, *, higher_is_better: bool) -> int:
    """Index of the point where the largest improvement stands, from changes (points,); the first if all are NaN."""
    improvement = changes if higher_is_better else -changes
    return int(np.where(np.isnan(improvement), -np.inf, improvement).argmax())


def plateau(upper_bounds: Mapping[tuple[int, int], float], points: int, margin: float) -> int | None:
    """Index of the first point after which no later point can be better by `margin` or more; None: unresolved.

    `upper_bounds[i, j]` is the upper end of the interval of the improvement from point i to a later point j. The last
    point has nothing after it and never counts.
    """
    for i in range(points - 1):
        if all(upper_bounds.get((i, j), np.inf) < margin for j in range(i + 1, points)):
            return i
    return None


def data_ratio(english_samples: float | None, other_samples: float | None) -> float | None:
    """Non-English rows / all rows of the mixture; None where the rows are not known."""
    if english_samples is None or other_samples is None or english_samples + other_samples == 0:
        return None
    return other_samples / (english_samples + other_samples)


def ratio(numerator: Array, denominator: Array) -> Array:
    """Numerator / denominator, NaN where the denominator is 0 (to 1e-12: a mean of item scores has rounding)."""
    is_zero = np.abs(denominator) < 1e-12
    return np.where(is_zero, np.nan, numerator / np.where(is_zero, 1.0, denominator))
