"""The drop that would have been found by now."""

from functools import lru_cache

import numpy as np

from clt.baselines.detection.clipped_runs import ClippedRuns
from clt.baselines.detection.detector import evidence_after

LASTED = 10  # runs that the drop has lasted, or fewer while fewer came after the first ones,
FEWEST = 5  # but so many at least
POWER = 0.8
YEARS = 400  # simulated
EVERY = 3  # runs from one look at the evidence to the next: evidence for a drop that lasts grows
MOST_BEFORE = 100  # earlier runs that are simulated: more of them would hardly help
# Drops that are tried, in standard deviations of a run, or floors if these are larger: 3% from one to the next.
DROPS = tuple(0.5 * 1.03**step for step in range(128))
COARSE = 8  # steps at once, to begin with


def visible_drop(runs: int, sd: float, *, threshold: float, first_runs: int, smallest_sd: float) -> float | None:
    """The smallest drop that, had it begun `LASTED` runs ago, would be an alarm by now 4 times in 5.

    While fewer than `LASTED` runs came after the first ones: had it begun right after these.

    Args:
        runs: In the reference, the last one included.
        sd: Standard deviation of these runs, in the metric's unit.
        threshold: Of the comparison's evidence.
        first_runs: As in `watch`.
        smallest_sd: As in `watch`.

    Returns:
        In the metric's unit. None while fewer than `FEWEST` runs came after the first ones, or where every drop would
        look like noise yet. Simulated with normal runs and a fixed seed.
    """
    lasted = min(LASTED, runs - first_runs)
    if lasted < FEWEST:
        return None
    unit = max(sd, smallest_sd)
    design = (min(runs - lasted, MOST_BEFORE), lasted, first_runs)
    # Rounded, so that comparisons that are alike share a simulation.
    drop = _drop_in_units(*design, round(sd / unit, 1), round(smallest_sd / unit, 1), threshold)
    return None if drop is None else drop * unit


@lru_cache(maxsize=1024)
def _drop_in_units(
    before: int, lasted: int, first_runs: int, sd: float, floor: float, threshold: float
) -> float | None:
    noise = sd * np.random.default_rng(0).standard_normal((before + lasted, YEARS))
    smallest_sd = np.full(YEARS, max(floor, 0.05))

    def power(drop: float) -> float:
        values = noise.copy()
        values[before:] -= drop
        clipped = ClippedRuns(values, smallest_sd)
        found = np.zeros(YEARS, dtype=bool)
        for after in range(lasted, 1, -EVERY):
            clipped.take(before + after)
            found |= evidence_after(clipped, first_runs, smallest_sd) >= threshold
        return float(found.mean())

    # From below, as a very large drop can be harder to find than a large one: more of it is clipped.
    coarse = next((step for step in range(0, len(DROPS), COARSE) if power(DROPS[step]) >= POWER), None)
    if coarse is None:
        return None
    return next(drop for drop in DROPS[max(coarse - COARSE + 1, 0) : coarse + 1] if power(drop) >= POWER)
