"""What a reader wants a mixture for."""

from dataclasses import dataclass

from clt.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """A budget and target languages.

    Attributes:
        budget: Rows of a task at most; None: no limit.
        targets: Language codes whose mean is to improve; empty: every language but English that all curves evaluate.
    """

    budget: int | None = None
    targets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.budget is not None and self.budget < 1:
            raise UserError(f"budget: got {self.budget}, expected a number of rows, 1 or more")
