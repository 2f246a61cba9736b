"""What a reader asks of every curve first, in statistics.json."""

from clt.statistics.family import Verdict
from clt.statistics.values import At, Document


class Finding(Document):
    """One question about one curve, answered at an n that was fixed beforehand: the largest.

    `change` has an interval of its own; the answer is the verdict's, which holds for all contrasts of the page at once.
    """

    curve: str
    question: str  # seen_rise, unseen_rise, english_cost, unseen_latin_rise, unseen_non_latin_rise
    change: At
    answer: str  # improved, worsened, not resolved, no interval, undefined
    verdict: Verdict | None  # null where nothing tells the noise


class FindingsPart(Document):
    """The findings' part of statistics.json."""

    findings: list[Finding]
