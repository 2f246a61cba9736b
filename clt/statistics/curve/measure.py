"""What is measured on a curve: a kind of quantity, and the languages that it is about."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Kinds of quantities."""

    LEVEL = "level"  # of one point: a mean over a group of languages, R or the gap
    LANGUAGE = "language"  # of one point: the score of one language
    CHANGE = "change"  # of a level, from n = 0
    GAIN = "gain"  # the largest improvement of a level over n = 0
    LANGUAGE_GAIN = "gain of a language"
    CROSS_FITTED = "cross-fitted gain"
    SHARE = "transfer share"
    HALF_STEP = "half step"  # optimizer steps to half of a level's change
    LAG = "lag"  # of held-out behind trained languages, in optimizer steps


class Measure(NamedTuple):
    """A quantity of a curve.

    `group` is a group of `Roles.groups`, "relative" (R) or "gap"; of the kinds about one language its code; empty where
    the kind says all.
    """

    kind: Kind
    group: str = ""

    def __str__(self) -> str:
        return self.group if self.kind is Kind.LEVEL else f"{self.kind} {self.group}".rstrip()

    @property
    def level(self) -> "Measure":
        """What a change or a gain is one of, at a single point; a level is its own."""
        about_one = self.kind in (Kind.LANGUAGE, Kind.LANGUAGE_GAIN)
        return Measure(Kind.LANGUAGE if about_one else Kind.LEVEL, self.group)

    @property
    def is_gain(self) -> bool:
        """Whether there is one value for the whole curve, not one a point."""
        return self.kind in (Kind.GAIN, Kind.LANGUAGE_GAIN, Kind.CROSS_FITTED)


ENGLISH = Measure(Kind.LEVEL, "english")
NON_ENGLISH = Measure(Kind.LEVEL, "non_english")
RELATIVE = Measure(Kind.LEVEL, "relative")
GAP = Measure(Kind.LEVEL, "gap")
TRANSFER_SHARE = Measure(Kind.SHARE)
LAG = Measure(Kind.LAG)
TRAINED_CHANGE = Measure(Kind.CHANGE, "trained")
HELD_OUT_CHANGE = Measure(Kind.CHANGE, "held_out")
