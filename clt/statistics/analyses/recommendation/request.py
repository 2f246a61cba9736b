"""What a reader wants a mixture for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite

from clt.errors import UserError
from clt.study import canonical_or_same


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """A budget, what rows cost, and whom they are for.

    Attributes:
        budget: Rows of a task at most, or what they may cost where there are prices; None: no limit.
        targets: Language codes whose mean is to improve; empty: every language but English that all curves evaluate.
        prices: Language code to the price of one row; 1 where it is not named. They need a budget.
        weights: Language code to its weight in the targets' mean; 1 where it is not named.
        english_margin: What the English score may fall by, as a share of its metric's range, or of English-only
            training's score where the metric has none; None: whatever.
    """

    budget: int | None = None
    targets: tuple[str, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    english_margin: float | None = None

    def __post_init__(self) -> None:
        if self.budget is not None and self.budget < 1:
            raise UserError(f"budget: got {self.budget}, expected a number of rows, 1 or more")
        for name, codes in (("prices", self.prices), ("weights", self.weights)):
            _each_once(name, codes)
        for code, price in self.prices.items():
            if not (isfinite(price) and price > 0):
                raise UserError(f"prices: got {price:g} for {code}, expected the price of one row, above 0")
        if self.prices and self.budget is None:
            raise UserError(
                "prices: got prices without a budget, expected what the rows may cost together: add a budget"
            )
        for code, weight in self.weights.items():
            if not (isfinite(weight) and weight >= 0):
                raise UserError(f"weights: got {weight:g} for {code}, expected a number, 0 or more")
        if self.english_margin is not None and not 0 <= self.english_margin < 1:
            raise UserError(
                f"english_margin: got {self.english_margin:g}, expected how far the English score may fall as a share "
                "of the metric's range, 0 or more and below 1: 0.02 is 2 points of 100"
            )

    @property
    def wants_allocation(self) -> bool:
        """Whether a budget is to be divided, beside choosing among the mixtures tried."""
        return bool(self.prices or self.weights) or self.budget is not None or self.english_margin is not None


def _each_once(name: str, codes: Iterable[str]) -> None:
    """Two spellings of one language: one of them would silently win."""
    seen: dict[str, str] = {}
    for code in codes:
        known = canonical_or_same(code)
        if known in seen:
            raise UserError(f"{name}: got {seen[known]!r} and {code!r}, which are one language, expected each once")
        seen[known] = code
