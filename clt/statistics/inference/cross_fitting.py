"""The cross-fitted gain: n is chosen on one half of the scores and measured on the other, and the halves swapped.

The largest of several noisy points is too large on average; a gain measured on scores that had no part in the choice
is not. Halves are halves of the items and, with two runs or more, of the runs too: runs that share their items, or
items that share their run, share some of the deviations that made the choice. Averaged over random halves.

What the value estimates: the true improvement at the n that such halves choose (a data-adaptive target; Hubbard,
Kherad-Pajouh and van der Laan 2016, International Journal of Biostatistics 12). It is at most the improvement at the
n that is truly best, and equal to it where the choice is clear or the best points are alike.
"""

from collections.abc import Callable, Iterator

import numpy as np

from clt.statistics.inference.bootstrap import seed
from clt.statistics.scores.sample import Sample

SPLITS = 50
Array = np.ndarray


def cross_fitted_gains(
    sample: Sample, measures: Callable[[Array], Array], *, baseline_index: int, higher_is_better: bool
) -> tuple[Array, Array]:
    """Cross-fitted gains over n = 0 of K measures (K,), and how often each point was chosen, shares (points, K).

    Args:
        sample: Two items or more, and a point besides n = 0.
        measures: Maps means (..., points, languages) to (..., points, K).
        baseline_index: The point n = 0, which is never chosen.
        higher_is_better: Whether an improvement is a rise.

    Returns:
        Gains (K,), positive where better, NaN where a measure is undefined in a half; shares of halves (points, K).
    """
    sign = 1.0 if higher_is_better else -1.0
    gains, chosen = [], []

    def improvements(items: Array, runs: Array) -> Array:
        values = measures(_means(sample, items, runs))
        changes = sign * (values - values[:, baseline_index : baseline_index + 1])
        changes[:, baseline_index] = np.nan
        return changes

    for items, runs in halves(sample):
        half = improvements(items, runs)
        other_half = improvements(~items, ~runs if len(sample.scores) > 1 else runs)
        for choose, measure in ((half, other_half), (other_half, half)):
            chosen_point = np.where(np.isnan(choose), -np.inf, choose).argmax(axis=1)[:, None]
            gains.append(np.take_along_axis(measure, chosen_point, axis=1)[:, 0])
            chosen.append(chosen_point == np.arange(choose.shape[1])[:, None])
    return np.concatenate(gains).mean(axis=0), np.concatenate(chosen).mean(axis=0)


def halves(sample: Sample) -> Iterator[tuple[Array, Array]]:
    """Halves of the items (splits, items) with halves of the runs (splits, runs), of bool, seeded by the item names.

    With several runs each half of the items is paired with either half of the runs, so that every score is used.
    """
    generator = np.random.default_rng(seed(sample.items, "halves"))
    items = _random_halves(generator, len(sample.items))
    if len(sample.scores) == 1:
        yield items, np.ones((SPLITS, 1), dtype=bool)
        return
    runs = _random_halves(generator, len(sample.scores))
    yield items, runs
    yield items, ~runs


def _random_halves(generator: np.random.Generator, count: int) -> Array:
    order = np.argsort(generator.random((SPLITS, count)), axis=1)
    return np.argsort(order, axis=1) < count // 2


def _means(sample: Sample, items: Array, runs: Array) -> Array:
    """Means over the chosen items and runs, axes (splits, points, languages)."""
    shape = sample.scores.shape
    totals = np.zeros((len(items), shape[2] * shape[3]))
    for chosen, scores in zip(runs.T, sample.scores.reshape(*shape[:2], -1), strict=True):
        totals += chosen[:, None] * (items.astype(float) @ scores)
    counts = (items.astype(float) @ sample.mask.astype(float)) * runs.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = totals.reshape(-1, *shape[2:]) / counts[:, None, :]
    means[:, ~sample.present] = np.nan
    return means
