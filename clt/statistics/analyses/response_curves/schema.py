"""What the next rows buy, in statistics.json."""

from clt.statistics.values import At, Document, Estimate


class ExpectedPoint(Document):
    """One n of a response curve, in the metric's unit."""

    samples_per_language: float
    value: float | None  # expected score
    low: float | None  # 95% prediction interval of one new run
    high: float | None


class ResponseCurve(Document):
    """The score of one curve and group of languages against n, and what it says of n up to four times the largest.

    Improvements are positive when the score becomes better, whatever the metric's direction. Intervals are 95%
    prediction intervals: where the score of one new run lands, on the same test items. Keys 1x, 2x and 4x are multiples
    of the largest n.
    """

    curve: str
    group: str  # english, seen (S), unseen (U) or language
    languages: list[str]
    largest: int  # n
    # enough, still rising, maybe rising, no rise shown, falling, or undefined: nothing is predicted, for `reason`
    answer: str
    reason: str | None
    noise: str | None  # what tells the noise between runs: repeated runs, or the paper's; null where nothing was fitted
    weights: dict[str, float]  # of the forms flat, saturating and power; empty where nothing was fitted
    left_out: Estimate  # the score at the largest n, predicted from all smaller n
    predicted: dict[str, At]  # score of a new run at 2x and 4x
    more_rows: dict[str, At]  # improvement by 1,000 rows more a language: from 1x, from 2x, and the last 1,000 up to 4x
    doubling: At  # improvement of a new run at 2x over the expected score at 1x
    margin: float  # improvement that counts, as for plateaus
    doubling_pays: float | None  # probability that the expected improvement by doubling is the margin or more
    settled: Estimate  # n with 95% of the rise from the smallest n to the asymptote; null: beyond the grid, or no rise
    settled_inside: float | None  # probability that this n is the largest or less
    enough: int | None  # smallest n tried at which 95% of that rise were made with a probability of 90% or more
    enough_probability: float | None  # that it is
    expected: list[ExpectedPoint]  # at the n tried and beyond, to 4x; empty for single languages


class ResponseCurvesPart(Document):
    """The response curves' part of statistics.json."""

    response_curves: list[ResponseCurve]
