"""Gains of several curves taken together, in statistics.json."""

from clt.statistics.values import Document, Estimate


class GroupGain(Document):
    """Mean gain of the curves that share one thing, each curve with the same weight; positive is better.

    The mean is over cross-fitted gains; over raw ones, which are biased upwards, where the input has no items.
    """

    study: str
    by: str  # task, model, setting or train_languages
    group: str
    measure: str  # relative (in percentage points), seen or unseen (in the metric's unit)
    metric: str  # scores of several metrics are never averaged
    curves: int
    fitted: bool  # whether the gains are cross-fitted
    mean: Estimate
    smallest: float
    largest: float


class GainsPart(Document):
    """The part of statistics.json on gains of groups; those of a curve stand in the curve."""

    gains_by_group: list[GroupGain]
