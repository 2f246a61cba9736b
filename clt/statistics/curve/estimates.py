"""Measured values of one curve as arrays, and one of them as it stands in statistics.json."""

from dataclasses import dataclass, field

import numpy as np

from clt.statistics.curve.measure import Measure
from clt.statistics.values import Estimate, number, undefined

Array = np.ndarray
GAINED = ("relative", "trained", "held_out")  # measures with a cross-fitted gain
CHANGED = (
    "english",
    "trained",
    "held_out",
    "non_english",
    "latin",
    "non_latin",
    "trained_latin",
    "trained_non_latin",
    "held_out_latin",
    "held_out_non_latin",
)  # means over languages whose change from n = 0 is measured


@dataclass(frozen=True, slots=True)
class CurveEstimates:
    """Value and interval of every measure; arrays over points, gains over one element."""

    value: dict[Measure, Array]
    low: dict[Measure, Array]
    high: dict[Measure, Array]
    error: dict[Measure, Array]
    method: dict[Measure, Array]
    gain_at: dict[Measure, int]  # gain -> index of the point where the raw gain stands
    step_bounds: dict[str, dict[tuple[int, int], float]]  # trained, held_out -> upper bounds of later improvements
    df: dict[Measure, Array] = field(default_factory=dict)  # degrees of freedom of `error`; infinite where not given

    def estimate(self, measure: Measure, index: int, reason: str = "") -> Estimate:
        """One value as it stands in statistics.json; `reason` is why it is undefined, if it is."""
        value = self.value[measure][index]
        if not np.isfinite(value):
            return undefined(reason)
        low, high = self.low[measure][index], self.high[measure][index]
        if not (np.isfinite(low) and np.isfinite(high)):
            low = high = np.nan
        return Estimate(
            value=number(value), low=number(low), high=number(high), method=str(self.method[measure][index])
        )

    def degrees(self, measure: Measure, index: int) -> float:
        """Degrees of freedom of the standard error of one value."""
        return float(self.df[measure][index]) if measure in self.df else np.inf

    def resolved(self, measure: Measure, index: int) -> bool:
        """Whether the interval exists and excludes 0."""
        return self.has_interval(measure, index) and bool(self.low[measure][index] > 0 or self.high[measure][index] < 0)

    def has_interval(self, measure: Measure, index: int) -> bool:
        return bool(np.isfinite(self.low[measure][index]) and np.isfinite(self.high[measure][index]))
