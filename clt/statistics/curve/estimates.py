"""Measured values of one curve as arrays, and one of them as it stands in statistics.json."""

from dataclasses import dataclass, field

import numpy as np

from clt.statistics.values import Estimate, number, undefined

Array = np.ndarray
GAINED = ("relative", "seen", "unseen")  # measures with a cross-fitted gain
CHANGED = (
    "english",
    "seen",
    "unseen",
    "non_english",
    "latin",
    "non_latin",
    "seen_latin",
    "seen_non_latin",
    "unseen_latin",
    "unseen_non_latin",
)  # means over languages whose change from n = 0 is measured
ITEMS_AND_RUNS, REPEATED_RUNS = RUN_METHODS = ("t: items and runs", "t: repeated runs")  # cover run-to-run noise


@dataclass(frozen=True, slots=True)
class CurveEstimates:
    """Value and interval of every measure; arrays over points, gains over one element."""

    value: dict[str, Array]
    low: dict[str, Array]
    high: dict[str, Array]
    error: dict[str, Array]
    method: dict[str, Array]
    gain_at: dict[str, int]  # measure -> index of the point where the raw gain stands
    step_bounds: dict[str, dict[tuple[int, int], float]]  # seen, unseen -> upper bounds of later improvements
    df: dict[str, Array] = field(default_factory=dict)  # degrees of freedom of `error`; infinite where not given

    def estimate(self, name: str, at: int, reason: str = "") -> Estimate:
        """One value as it stands in statistics.json; `reason` is why it is undefined, if it is."""
        value = self.value[name][at]
        if not np.isfinite(value):
            return undefined(reason)
        low, high = self.low[name][at], self.high[name][at]
        if not (np.isfinite(low) and np.isfinite(high)):
            low = high = np.nan
        return Estimate(value=number(value), low=number(low), high=number(high), method=str(self.method[name][at]))

    def degrees(self, name: str, at: int) -> float:
        """Degrees of freedom of the standard error of one value."""
        return float(self.df[name][at]) if name in self.df else np.inf

    def resolved(self, name: str, at: int) -> bool:
        """Whether the interval exists and excludes 0."""
        return self.has_interval(name, at) and bool(self.low[name][at] > 0 or self.high[name][at] < 0)

    def has_interval(self, name: str, at: int) -> bool:
        return bool(np.isfinite(self.low[name][at]) and np.isfinite(self.high[name][at]))
