"""Printed claims held against the numbers, in statistics.json."""

from clt.statistics.values import Document


class ClaimCheck(Document):
    """One claim of a claims file and what the scores give."""

    claim: str
    source: str  # section, table or page
    value: str  # what was looked up, as in the claims file
    expected: float | str
    tolerance: float
    found: float | str | None
    holds: bool | None  # null: the scores do not hold what it needs
    note: str


class ClaimsPart(Document):
    """The claims' part of statistics.json."""

    claims: list[ClaimCheck]
