"""repeats.json: the same study several times."""

from clt.statistics.values import Document, Estimate


class Repeat(Document):
    """One plan of the study."""

    study: str  # its key
    repeat: str  # the text that tells it from the others; empty for the first one, usually
    started: str  # when it was planned
    missing_cells: int
    reason: str | None  # why it has no scores at all


class RepeatedPoint(Document):
    """What one repeat measured at the curve's largest n; intervals are those of its own report."""

    study: str
    english: Estimate  # EN(n)
    seen: Estimate  # S(n)
    unseen: Estimate  # U(n)


class BetweenRepeats(Document):
    """How much a measure differs between the repeats, whatever made it differ."""

    measure: str  # english, seen or unseen
    repeats: int  # that have it
    mean: float | None
    sd: Estimate  # interval from the chi-square distribution
    smallest: float | None
    largest: float | None


class RepeatedCurve(Document):
    task: str
    metric: str
    model: str
    setting: str
    mixture: str
    train_languages: list[str]
    samples_per_language: int | None  # the largest n
    points: list[RepeatedPoint]
    between: list[BetweenRepeats]


class RepeatedStudy(Document):
    title: str
    repeats: list[Repeat]  # oldest first
    curves: list[RepeatedCurve]
