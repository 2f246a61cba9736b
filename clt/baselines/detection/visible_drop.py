"""The drop that would have been found by now."""

from functools import lru_cache

import numpy as np

from clt.baselines.detection.clipped_runs import ClippedRuns
from clt.baselines.detection.detector import evidence_after

LASTED = 5  # runs that the drop has lasted
POWER = 0.8
YEARS = 400  # simulated
MOST_BEFORE = 100  # earlier runs simulated: more of them would hardly help
SMALLEST, LARGEST = 0.5, 20.0  # drops that are tried, in standard deviations of a run, or floors if these are larger
STEPS = 9  # of halving the ratio between them


def visible_drop(runs: int, sd: float, *, threshold: float, first_runs: int, smallest_sd: float) -> float | None:
    """The smallest drop that, had it begun `LASTED` runs ago and stayed, would have been an alarm by now 4 times in 5.

    Args:
        runs: In the reference, the last one included.
        sd: Standard deviation of a run, in the metric's unit.
        threshold: Of the comparison's evidence.
        first_runs: As in `watch`.
        smallest_sd: As in `watch`.

    Returns:
        In the metric's unit; None while there are fewer than `first_runs` + `LASTED` runs, or no drop would have been
        found: too few runs to tell it from noise. Simulated with normal runs and a fixed seed.
    """
    if runs < first_runs + LASTED:
        return None
    unit = max(sd, smallest_sd)
    before = min(runs - LASTED, MOST_BEFORE)
    # Rounded, so that comparisons that are alike share a simulation.
    drop = _drop_in_units(
        before, threshold, first_runs, round(float(sd / unit), 2), round(float(smallest_sd / unit), 2)
    )
    return None if drop is None else drop * unit


@lru_cache(maxsize=256)
def _drop_in_units(before: int, threshold: float, first_runs: int, sd: float, floor: float) -> float | None:
    noise = sd * np.random.default_rng(0).standard_normal((before + LASTED, YEARS))
    smallest_sd = np.full(YEARS, max(floor, 0.005))

    def power(drop: float) -> float:
        values = noise.copy()
        values[before:] -= drop
        clipped = ClippedRuns(values, smallest_sd)
        found = np.zeros(YEARS, dtype=bool)
        for runs in range(before + 2, before + LASTED + 1):
            clipped.take(runs)
            found |= evidence_after(clipped, first_runs, smallest_sd) >= threshold
        return float(found.mean())

    low, high = SMALLEST, LARGEST
    if power(high) < POWER:
        return None
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high
