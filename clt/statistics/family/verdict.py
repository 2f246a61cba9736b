"""What is said of one contrast of the family, in statistics.json."""

from clt.statistics.values import Document


class Verdict(Document):
    """A contrast with an interval and a p-value that hold for all contrasts of the family at once.

    Over the whole page, any interval misses its truth in at most 5% of studies. `overturned_by`: where no run of the
    study is repeated, the standard deviation between runs beyond which a resolved contrast would be so no more.
    """

    value: float | None
    low: float | None  # simultaneous 95% interval
    high: float | None
    p: float  # two-sided, by itself
    corrected_p: float  # over all contrasts
    by_chance: float  # probability that this contrast would be resolved, either way, without any effect
    contrasts: int  # in the family
    basis: str  # what the noise is taken from
    detectable: float | None  # would be found 4 times in 5 after the correction
    overturned_by: float | None  # null: the study's own runs tell the noise, or the contrast is not resolved
