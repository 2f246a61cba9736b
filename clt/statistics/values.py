"""The building blocks of statistics.json: a value with its interval, and nothing that is not JSON."""

from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, model_serializer

DIGITS = 6  # of every number in statistics.json: beyond them the order of a sum shows


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(Document):
    """A value with its 95% interval and the method of the interval."""

    value: float | None  # null: undefined, see reason
    low: float | None  # null: no interval, the method says why
    high: float | None
    method: str  # bca, percentile, wilson, newcombe, "none: ..." or undefined
    reason: str | None = None  # only where the value is null

    @model_serializer
    def _compact(self) -> dict[str, Any]:
        plain = {"value": self.value, "low": self.low, "high": self.high, "method": self.method}
        return plain if self.reason is None else {**plain, "reason": self.reason}


class At(Estimate):
    """An estimate that belongs to one n."""

    at: int | None  # samples per language

    @model_serializer
    def _compact(self) -> dict[str, Any]:
        plain = {"value": self.value, "at": self.at, "low": self.low, "high": self.high, "method": self.method}
        return plain if self.reason is None else {**plain, "reason": self.reason}


def undefined(reason: str) -> Estimate:
    """An estimate without a value, and why it has none."""
    return Estimate(value=None, low=None, high=None, method="undefined", reason=reason or "no scores")


def at_point(estimate: Estimate, at: int | None) -> At:
    """The estimate as one that belongs to an n (samples per language)."""
    return At(at=at, **{name: getattr(estimate, name) for name in ("value", "low", "high", "method", "reason")})


def numbers(values: np.ndarray) -> list[float | None]:
    """JSON numbers of an array (n,), as `number` makes them."""
    rounded = (np.round(values, DIGITS) + 0.0).astype(object)
    rounded[~np.isfinite(values)] = None
    found: list[float | None] = rounded.tolist()
    return found


def number(value: float) -> float | None:
    """A JSON number, or None for what is not one; no negative zero."""
    return round(float(value), DIGITS) + 0.0 if np.isfinite(value) else None
