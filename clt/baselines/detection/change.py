"""Where a comparison's mean has moved, and by how much."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from clt.baselines.detection.clipped_runs import ClippedRuns
from clt.baselines.detection.shift_evidence import shift_evidence

Array = np.ndarray

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEstimate:
    """A change of the mean, in the metric's unit."""

    first: int  # index of the first run after it
    before: float  # mean of the runs before
    after: float
    size: float  # after - before
    low: float | None  # 95% interval of the size, its place taken as known; None with fewer than two runs after it
    high: float | None


def estimate_change(values: Array, *, since: int) -> ChangeEstimate:
    """How much the mean has changed, from all runs before and after.

    Args:
        values: (runs,), as they were watched; NaN where a run has no value, or is set aside.
        since: Index of the first run after the change: `Watched.since`.

    Source: the two-sample t interval, with one sd before and after.
    """
    before, after = (part[~np.isnan(part)] for part in np.split(values, [since]))
    size = float(after.mean() - before.mean())
    low = high = None
    if len(after) > 1:
        squares = float(((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum())
        df = len(before) + len(after) - 2
        half = float(stdtrit(df, (1 + LEVEL) / 2)) * sqrt(squares / df * (1 / len(before) + 1 / len(after)))
        low, high = size - half, size + half
    return ChangeEstimate(
        first=int(since), before=float(before.mean()), after=float(after.mean()), size=size, low=low, high=high
    )


def place_of_change(values: Array, first_runs: int, smallest_sd: float) -> int:
    """Index of the run, of (runs,) values with none missing, from which on a shift is most probable."""
    floor = np.array([smallest_sd])
    clipped = ClippedRuns(values[:, None], floor)
    clipped.take(len(values))
    after = np.arange(2, len(values) - first_runs + 1)[:, None]  # a single run is no change
    evidence = shift_evidence(*clipped.split(after), len(values), after, floor)
    return len(values) - int(after[evidence[:, 0].argmax(), 0])
