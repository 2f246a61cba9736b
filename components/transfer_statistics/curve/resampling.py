"""Resamples of the item clusters (and of the seeds), as weights times scores.

One cluster is one item with all its languages, n and seeds: parallel items share their difficulty, and the same item
answers at every n. Curves that use the same items get the same resamples, so differences between curves are paired.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from components.transfer_statistics.scores.sample import Sample

RESAMPLES = 10_000
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Weights:
    items: Array  # (resamples, items): how often each item was drawn
    runs: Array | None = None  # (resamples, runs), rows sum to 1; None: the runs are taken as they are


def draw(sample: Sample, resamples: int = RESAMPLES) -> Weights:
    """Weights of all resamples, seeded by the item names alone: neither order nor other curves change them.

    Items are drawn within groups that are present in the same languages, so a test set that is not parallel keeps its
    number of items per language.
    """
    runs = len(sample.scores) if sample.resamples_runs else 0
    return _draw(sample.items, sample.mask.tobytes(), sample.mask.shape, runs, resamples)


@lru_cache(maxsize=4)  # curves over the same items come one after the other and share their resamples
def _draw(items: tuple[str, ...], mask: bytes, shape: tuple[int, int], runs: int, resamples: int) -> Weights:
    generator = np.random.default_rng(seed(items))
    patterns = np.frombuffer(mask, dtype=bool).reshape(shape)
    weights = np.zeros((resamples, len(items)))
    for pattern in np.unique(patterns, axis=0):
        where = np.flatnonzero((patterns == pattern).all(axis=1))
        weights[:, where] = generator.multinomial(len(where), np.full(len(where), 1 / len(where)), size=resamples)
    if not runs:
        return Weights(weights)
    return Weights(weights, generator.multinomial(runs, np.full(runs, 1 / runs), size=resamples) / runs)


def seed(items: tuple[str, ...], purpose: str = "") -> Array:
    """The seed that belongs to a set of items, as 32-bit words."""
    return np.frombuffer(hashlib.sha256("\n".join((purpose, *items)).encode()).digest(), dtype="<u4")


def sums(sample: Sample, weights: Weights) -> tuple[Array, Array]:
    """Weighted sums (resamples, points, languages) of the scores, averaged over runs, and of the items (same, 1)."""
    shape = (len(weights.items), *sample.scores.shape[2:])
    flat = sample.scores.reshape(*sample.scores.shape[:2], -1)
    if weights.runs is None:
        totals = weights.items @ flat.mean(axis=0)
    else:  # one run at a time: all of them at once would need memory for each
        totals = np.zeros((shape[0], flat.shape[-1]))
        for share, scores in zip(weights.runs.T, flat, strict=True):
            totals += share[:, None] * (weights.items @ scores)
    counts = weights.items @ sample.mask.astype(float)
    return totals.reshape(shape), counts[:, None, :]


def quotient(sample: Sample, totals: Array, counts: Array) -> Array:
    """Means from sums; NaN where nothing was drawn and where a point has no score in a language."""
    with np.errstate(invalid="ignore", divide="ignore"):
        result = totals / counts
    result[..., ~sample.present] = np.nan
    return result


def resampled_means(sample: Sample, weights: Weights) -> Array:
    """Means of every resample, axes (resamples, points, languages)."""
    return quotient(sample, *sums(sample, weights))


def plain_means(sample: Sample) -> Array:
    """Means over items and runs, axes (points, languages)."""
    return resampled_means(sample, Weights(np.ones((1, len(sample.items)))))[0]


def jackknife_means(sample: Sample) -> Array:
    """Means with each item left out once, axes (items, points, languages)."""
    scores = sample.scores.mean(axis=0)
    counts = sample.mask.sum(axis=0) - sample.mask
    return quotient(sample, scores.sum(axis=0) - scores, counts[:, None, :])
