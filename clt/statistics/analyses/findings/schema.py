"""What a reader asks of every curve first, in statistics.json."""

from clt.statistics.values import At, Document


class Finding(Document):
    """One question about one curve, answered by an interval at an n that was fixed beforehand: the largest."""

    curve: str
    question: str  # seen_rise, unseen_rise, english_cost, unseen_latin_rise, unseen_non_latin_rise
    change: At
    answer: str  # improved, worsened, not resolved, no interval, undefined
    detectable: float | None  # the difference that a t test finds 4 times in 5 at this noise


class FindingsPart(Document):
    """The findings' part of statistics.json."""

    findings: list[Finding]
