"""What a reader wants a mixture for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """A budget and target languages.

    Attributes:
        budget: Rows of a task at most; None: no limit.
        targets: Language codes whose mean is to improve; empty: every language but English that all curves evaluate.
    """

    budget: int | None = None
    targets: tuple[str, ...] = ()
