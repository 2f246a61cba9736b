"""Run-to-run noise, and scores that stand far from their curve, in statistics.json."""

from clt.statistics.values import Document, Estimate


class Noise(Document):
    """Standard deviation between runs that differ in nothing but chance, of a task.

    Pooled over all repeated runs, and, where they are too few, over what runs at neighbouring n leave over a line.
    """

    study: str
    task: str
    metric: str
    measure: str  # english, non_english, relative (as a share) or language (one but English, all of them pooled)
    sd: Estimate  # interval from the chi-square distribution
    df: int
    groups: int  # of repeated runs and of neighbouring n
    neighbours: int  # of the groups: three neighbouring n, the middle one against the line between the others
    sources: list[str]  # of the repeated runs: "aya-23-7b, single_task, n = 0"; every other curve borrows their noise
    runs: int
    largest_difference: float | None  # of two repeated runs; null where none was repeated
    smallest_difference: float  # of two single runs that is outside 95% of the noise


class Steps(Document):
    """How many differences between neighbouring n of one curve are no larger than run-to-run noise."""

    curve: str
    steps: int
    inside: int
    largest: float  # difference of A(n), the mean over languages other than English
    threshold: float  # of A(n): the smallest difference of two such points that is outside the noise


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


class NoisePart(Document):
    """The part of statistics.json on noise and outliers."""

    noise: list[Noise]
    steps: list[Steps]
    outliers: list[Outlier]
