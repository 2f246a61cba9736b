"""Suspected single scores, found by a rule.

A score is held against two expectations: what its language's level and its point's level add up to (median polish of
the points x languages of one run; Tukey, Exploratory Data Analysis, 1977, chapter 10), and what that leaves at the
two nearest points in the same language. It has to be far from both: the first alone would flag languages that rise in
their own way, the second alone the neighbours of a wrong score. Points at either end are held against the two next to
them. Where the languages of a point go apart, as where training in some of them begins, that spread is the measure.
Losses are judged by their logarithm: without an upper bound they grow and spread by factors, not by amounts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from clt.statistics.analyses.noise.schema import Outlier
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import DIGITS

LIMIT = 4.5  # robust standard deviations
FEWEST = 4  # points and languages: below them a median follows the score that it should judge
ROUNDS = 20  # of the median polish; it settles in a few
RULE = (
    f"more than {LIMIT:g} robust standard deviations from what the levels of its language and of its n add up to "
    "(median polish), and from what its two nearest n leave over that; a standard deviation is 1.4826 times the median "
    "absolute deviation, the largest of the curve's, the task's (median of its curves) and that of the other languages "
    "at this n, and at least one step between scores; losses by their logarithm"
)
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class _Deviations:
    """Scores of one run of one curve, or their logarithms, and what is expected of them, axes (points, languages)."""

    data: CurveData
    run: str
    languages: tuple[str, ...]
    scores: Array
    expected: tuple[Array, Array]  # by levels, by neighbours
    logs: bool

    def scales(self) -> Array:
        """Robust standard deviation around both expectations (2,)."""
        return np.array([_deviation(self.scores - expected, None) for expected in self.expected])

    def scales_of_others(self) -> Array:
        """The same over the other languages at the same point, axes (2, points, languages)."""
        left = np.stack([self.scores - expected for expected in self.expected])
        others = [_deviation(np.delete(left, k, axis=-1), -1) for k in range(left.shape[-1])]
        return np.stack(others, axis=-1)


def find_outliers(curves: Sequence[CurveData]) -> list[Outlier]:
    """Every score that stands out, the farthest first; base models and small curves are not judged.

    On clean curves with normal noise about one score in 10,000 is flagged where languages rise alike or nearly so, one
    in 1,000 where they go apart by many times the noise; a score that is wrong by ten times the noise is found nine
    times in ten.
    """
    tasks: dict[tuple[str, ...], list[_Deviations]] = {}
    for data in curves:
        tasks.setdefault(data.task, []).extend(_deviations(data))
    every = [outlier for runs in tasks.values() for outlier in _far(runs)]
    return sorted(
        every,
        key=lambda outlier: (-abs(outlier.deviation), outlier.curve, outlier.samples_per_language, outlier.language),
    )


def median_polish(scores: Array) -> Array:
    """What the additive fit of rows and columns by medians leaves, axes (rows, columns) as in `scores`."""
    left = scores
    for _ in range(ROUNDS):
        left = left - np.median(left, axis=1, keepdims=True)
        left = left - np.median(left, axis=0, keepdims=True)
    return left


def _deviations(data: CurveData) -> Iterator[_Deviations]:
    sample, start = data.sample, int(data.has_base)
    whole = np.asarray(sample.present[start:].all(axis=0))
    if len(data.sample_sizes) < FEWEST or whole.sum() < FEWEST:
        return
    languages = tuple(code for code, kept in zip(data.roles.languages, whole, strict=True) if kept)
    means = sample.scores[:, :, start:, whole].sum(axis=1) / sample.mask[:, whole].sum(axis=0)
    logs = not data.higher_is_better and bool((means > 0).all())
    for run, scores in zip(data.runs, np.log(means) if logs else means, strict=True):
        left = median_polish(scores)
        by_levels = scores - left
        yield _Deviations(data, run, languages, scores, (by_levels, by_levels + _from_neighbours(left)), logs)


def _from_neighbours(left: Array) -> Array:
    """Mean of the two nearest rows, for every row."""
    rows = np.arange(len(left))
    distance = np.abs(rows[:, None] - rows).astype(float)
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :2]
    return np.asarray(left[nearest].mean(axis=1))


def _far(runs: Sequence[_Deviations]) -> Iterator[Outlier]:
    """The outliers of one task."""
    common = np.median([run.scales() for run in runs], axis=0) if runs else np.zeros(2)
    for run in runs:
        scales = np.maximum(np.maximum(run.scales(), common), _step(run.scores))[:, None, None]
        far = (run.scores - np.stack(run.expected)) / np.maximum(scales, run.scales_of_others())
        nearer = np.abs(far).argmin(axis=0)
        flagged = (np.abs(far) > LIMIT).all(axis=0) & (far[0] * far[1] > 0)
        for place, k in np.argwhere(flagged):
            which = nearer[place, k]
            value, expected = float(run.scores[place, k]), float(run.expected[which][place, k])
            yield Outlier(
                curve=run.data.id,
                language=run.languages[k],
                samples_per_language=run.data.sample_sizes[place],
                run=run.run,
                value=round(exp(value) if run.logs else value, DIGITS),
                expected=round(exp(expected) if run.logs else expected, DIGITS),
                deviation=round(float(far[which, place, k]), DIGITS),
                rule=RULE,
            )


def _deviation(left: Array, axis: int | None) -> Array:
    return np.asarray(1.4826 * np.median(np.abs(left), axis=axis))


def _step(scores: Array) -> float:
    """The smallest difference between unequal scores: printed means have no finer one."""
    gaps = np.diff(np.unique(scores.round(9)))
    return float(gaps.min()) if len(gaps) else np.inf
