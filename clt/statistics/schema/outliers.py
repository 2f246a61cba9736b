"""Scores that stand far from their curve, in statistics.json."""

from clt.statistics.schema.values import Document


class Outlier(Document):
    """One score of one language, far from what its curve's trend and its sister languages lead to expect."""

    curve: str
    language: str
    samples_per_language: int
    run: str
    value: float
    expected: float
    deviation: float  # (value - expected) / robust standard deviation; of logarithms where less is better
    rule: str  # in words: what was compared, and the limit
