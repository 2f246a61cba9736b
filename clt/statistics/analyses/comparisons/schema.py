"""Comparisons between curves, in statistics.json."""

from clt.statistics.family import Verdict
from clt.statistics.values import Document, Estimate


class Comparison(Document):
    """What changes from one curve to another that differs from it in one thing, in the metric's unit.

    The difference is second - first, paired by item (means only: by n), averaged over every n > 0 that both curves
    have and over the languages named; its interval is its own, the answer is the verdict's.
    """

    kind: str  # setting, size, family, model, training_languages or mixture
    study: str  # both, joined by a comma, where the curves are of two studies
    task: str
    metric: str
    first: str  # id of a curve
    second: str
    changed: str  # in words: "single_task to multi_task"
    over: list[int]  # samples per language that both have
    measure: str  # english, seen, unseen or non_english
    languages: list[str]  # that the measure averages over, the same in both curves
    difference: Estimate
    verdict: Verdict | None  # with all other contrasts of the page; null where nothing tells the noise
    answer: str  # better, worse, not resolved (by the verdict), no interval or undefined
    items: int  # 0 where the input holds only means
    covers: str  # what the interval covers
    per_language: dict[str, Estimate]  # not corrected


class ComparisonsPart(Document):
    """The comparisons' part of statistics.json."""

    comparisons: list[Comparison]
