"""One curve in statistics.json: its points, gains and what a reader asks of it first."""

from typing import Any

from pydantic import model_serializer

from clt.statistics.values import At, Document, Estimate

# The groups of a curve's languages that statistics.json names by an older word: its keys change only with its format.
PUBLISHED = {"trained": "seen", "held_out": "unseen"}


def published(group: str) -> str:
    """The name of a group of languages in statistics.json."""
    return PUBLISHED.get(group, group)


class Change(Document):
    """Differences from n = 0, in the metric's unit, paired by item."""

    english: Estimate
    seen: Estimate
    unseen: Estimate
    non_english: Estimate


class Point(Document):
    samples_per_language: int | None  # null: the base model, without training
    data_ratio: float | None  # non-English rows / all rows of the mixture; null if the rows are not known
    english: Estimate  # EN(n)
    seen: Estimate  # S(n), mean over the trained languages other than English
    unseen: Estimate  # U(n), mean over the held-out languages
    non_english: Estimate  # A(n), mean over all languages other than English
    relative: Estimate  # R(n) = A(n) / EN(n), a share
    gap: Estimate  # S(n) - U(n)
    latin: Estimate  # mean over the non-English languages in Latin script
    non_latin: Estimate
    per_language: dict[str, Estimate]
    exposure: dict[str, str]  # language -> english, seen or unseen in this point's mixture
    change: Change | None  # from n = 0; null at n = 0 and for curves without it
    transfer_share: Estimate | None  # (U(n) - U(0)) / (S(n) - S(0)); null at n = 0


class Gain(At):
    """The largest improvement over n = 0 and where it stands; positive is better, whatever the metric's direction.

    `value` is a maximum over noisy points and biased upwards; `cross_fitted` is not. `resolvable`: the cross-fitted
    interval excludes 0.
    """

    unit: str  # "percentage points" of R, else "score"
    cross_fitted: Estimate
    resolvable: bool | None  # null where there is no interval

    @model_serializer
    def _compact(self) -> dict[str, Any]:
        names = ("value", "at", "low", "high", "method", "unit", "cross_fitted", "resolvable")
        plain = {name: getattr(self, name) for name in names}
        return plain if self.reason is None else {**plain, "reason": self.reason}


class Plateau(Document):
    at: int | None  # null: unresolved
    # no later point can be better by this much (upper 97.5% bound): 0.02 of the metric's range, or of the range of the
    # curve's means where the metric has none that is known
    margin: float
    reason: str | None


class Partial(Document):
    """The rank correlation of what the ranks of n leave unexplained of S and of U."""

    value: float | None
    p: float | None
    method: str  # of p
    reason: str | None


class Spearman(Document):
    """Rank correlation of S and U; p is two-sided, from permuting whole runs."""

    value: float | None
    p: float | None  # null with a reason: too few runs for a p that could be small
    method: str  # of p
    n: int  # pairs of S and U
    over: str
    partial: Partial | None  # given n; null where n is not what varies
    reason: str | None  # why value or p is null


class ScriptGroup(Document):
    """What happened from n = 0 to the largest n in one group of languages; `unseen` is the held-out part of it."""

    languages: list[str]
    change: At
    seen_change: At
    unseen_change: At


class Items(Document):
    """The items that the values rest on."""

    clusters: int  # independent items; parallel items of several languages are one cluster
    shared: bool  # True: every language uses the same items
    common: int  # items that every language has
    used: dict[str, int]  # language -> items averaged over
    available: dict[str, int]  # language -> items scored


class RepeatedSeed(Document):
    """A seed that was trained with several times: the mean over its repeats is one run."""

    seed: str
    repeats: int
    different: int  # repeats with scores of their own; 1: all are bit-equal, nothing was redrawn


class Curve(Document):
    id: str
    study: str
    model: str
    family: str
    setting: str
    task: str
    metric: str
    main_metric: bool  # the task's first metric, on which findings are made
    higher_is_better: bool
    mixture: str
    train_languages: list[str]  # English first
    held_out_languages: list[str]
    items: Items | None  # null: the input holds only means
    runs: list[str]  # seeds that every point averages over
    repeated_seeds: list[RepeatedSeed]  # of them
    left_out_runs: list[str]  # not complete over the points, so not used: seed, or seed/repeat
    intervals: str  # what the intervals cover
    base: Point | None  # the base model on the same items and roles
    points: list[Point]
    gain: Gain  # of R
    gains: dict[str, Gain]  # seen, unseen and every language
    plateau_at: dict[str, Plateau]  # seen, unseen
    spearman: Spearman  # S against U
    english_cost: At  # EN(n) - EN(0) at the largest n
    transfer_share: At  # at the largest n
    scripts: dict[str, ScriptGroup]  # latin, non_latin


class Base(Document):
    model: str
    study: str
    task: str
    metric: str
    items: Items | None
    english: Estimate
    non_english: Estimate
    relative: Estimate
    per_language: dict[str, Estimate]
