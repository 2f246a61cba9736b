"""Resamples of the item clusters, as weights times scores.

One cluster is one item with all its languages, n and seeds: parallel items share their difficulty, and the same item
answers at every n. Curves that use the same items get the same resamples, so differences between curves are paired.
A language may lack items that others have: each mean is over the language's own, and an item that is drawn counts in
every language that has it.

Runs are not resampled. Five seeds resampled show 4/5 of their variance, and drawing items and runs independently
counts what an item and a run have between them three times (McCullagh 2000, Bernoulli 6; Owen 2007, Annals of Applied
Statistics 1), which for right-or-wrong items is most of the noise. `curve.run_noise_intervals` adds the runs' variance.

Arrays with a resamples axis have it first, and contiguous in memory: every statistic's resamples are read as one row.
"""

import hashlib
from functools import lru_cache

import numpy as np

from clt.statistics.scores.sample import Sample

RESAMPLES = 10_000
SMALLEST_STRATUM = 20  # items; drawing m items among themselves loses 1/m of their variance
MOST_CLUSTERS = 2_000  # 10,000 resamples of them are 160 MB of weights; that many tell a standard error to 2%
Array = np.ndarray


def grouped(sample: Sample, most: int = MOST_CLUSTERS) -> Sample:
    """The sample itself, or with more items than `most` its items in so many random groups, resampled as clusters.

    Groups of independent items are independent, so intervals stay right while memory no longer grows with the items.
    Groups are formed among items that are present in the same languages, each such set in its share of the groups and
    in two or more where it has two items, so that `draw` keeps the number of items per language. scores and mask of a
    grouped sample hold sums over each group. Seeded by the item names.
    """
    count = len(sample.items)
    if count <= most:
        return sample
    shuffled = np.random.default_rng(seed(sample.items, "groups")).permutation(count)
    _, pattern = np.unique(sample.mask > 0, axis=0, return_inverse=True)
    pattern = pattern.reshape(-1)
    order = shuffled[np.argsort(pattern[shuffled], kind="stable")]
    sizes = np.bincount(pattern)
    quotas = np.minimum(sizes, np.maximum(sizes * most // count, 2))
    firsts = np.cumsum(sizes) - sizes
    starts = np.concatenate(
        [first + np.arange(quota) * size // quota for first, size, quota in zip(firsts, sizes, quotas, strict=True)]
    )
    return Sample(
        items=tuple(sample.items[first] for first in order[starts]),
        scores=np.add.reduceat(sample.scores[:, order], starts, axis=1),
        mask=np.add.reduceat(sample.mask[order].astype(int), starts, axis=0),
        present=sample.present,
    )


def fewest_clusters(sample: Sample) -> int:
    """Clusters that the mean of a language rests on, the fewest of any language: what its standard error may count.

    Languages that have none, or a single one and with it no standard error, are passed over; all items if none is left.
    """
    counts = (sample.mask > 0).sum(axis=0)
    return int(counts[counts > 1].min(initial=len(sample.items)))


def draw(sample: Sample, resamples: int = RESAMPLES) -> Array:
    """How often each item is drawn, (resamples, items), seeded by the item names: neither order nor other curves
    change it.

    Items are drawn within groups that are present in the same languages, so a test set that is not parallel keeps its
    number of items per language. Small groups that share a language with another are drawn together: its number of
    items then varies from draw to draw.
    """
    return _draw(sample.items, (sample.mask > 0).tobytes(), sample.mask.shape, resamples)


@lru_cache(maxsize=4)  # curves over the same items come one after the other and share their resamples
def _draw(items: tuple[str, ...], mask: bytes, shape: tuple[int, int], resamples: int) -> Array:
    generator = np.random.default_rng(seed(items))
    patterns = np.frombuffer(mask, dtype=bool).reshape(shape)
    weights = np.zeros((resamples, len(items)))
    strata = _strata(patterns)
    for stratum in np.unique(strata):
        where = np.flatnonzero(strata == stratum)
        weights[:, where] = generator.multinomial(len(where), np.full(len(where), 1 / len(where)), size=resamples)
    weights.setflags(write=False)
    return weights


def _strata(patterns: Array) -> Array:
    """Number of each item's stratum (items,), from the languages that it is present in (items, languages)."""
    kinds, stratum, sizes = np.unique(patterns, axis=0, return_inverse=True, return_counts=True)
    stratum = stratum.reshape(-1)
    elsewhere = kinds.sum(axis=0) > 1  # languages that several kinds of items have
    small = (sizes < SMALLEST_STRATUM) & (kinds & elsewhere).any(axis=1)
    return np.where(small[stratum], len(kinds), stratum)


def seed(items: tuple[str, ...], purpose: str = "") -> Array:
    """The seed that belongs to a set of items, as 32-bit words."""
    return np.frombuffer(hashlib.sha256("\n".join((purpose, *items)).encode()).digest(), dtype="<u4")


def resampled_means(sample: Sample, weights: Array) -> Array:
    """Means over runs and weighted items, axes (resamples, points, languages), from weights (resamples, items).

    NaN where nothing was drawn, where a point has no score in a language, and in a language of one item: what another
    would have scored nobody knows.
    """
    means = _weighted_means(sample, weights)
    means[..., sample.mask.sum(axis=0) == 1] = np.nan
    return means


def plain_means(sample: Sample) -> Array:
    """Means over items and runs, axes (points, languages)."""
    return _weighted_means(sample, np.ones((1, len(sample.items))))[0]


def _weighted_means(sample: Sample, weights: Array) -> Array:
    scores = sample.scores.mean(axis=0)
    totals = scores.reshape(len(sample.items), -1).T @ weights.T
    counts = sample.mask.T.astype(float) @ weights.T
    with np.errstate(invalid="ignore", divide="ignore"):
        means = totals.reshape(*scores.shape[1:], len(weights)) / counts
    means[~sample.present] = np.nan
    return np.moveaxis(means, -1, 0)


def jackknife_means(sample: Sample) -> Array:
    """Means with each item left out once, axes (items, points, languages)."""
    scores = sample.scores.mean(axis=0)
    counts = (sample.mask.sum(axis=0) - sample.mask)[:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (scores.sum(axis=0) - scores) / counts
    means[:, ~sample.present] = np.nan
    return means
