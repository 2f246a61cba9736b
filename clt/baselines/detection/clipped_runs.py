"""Sums over runs whose far values are drawn in, so that one bad run neither raises an alarm nor hides a later one."""

import numpy as np

Array = np.ndarray

# A value counts as no further from the median than so many robust standard deviations. With 3 skewed runs raise more
# false alarms, with 2.5 a shift of 3.3 sd is found a run later.
CLIP_SD = 2.75
# Or so many floors, if that is more. With 5 too many years have a false alarm where tails are long (6.6% for t with 3
# df, 12.6% if one run in ten is five times as noisy); with fewer, shifts of runs that hardly differ are found later.
CLIP_FLOORS = 4.0
MAD_TO_SD = 1.4826  # of a normal distribution
OFTEN = 64  # up to so many runs the limits are found anew with each, later with every twentieth part of them


def limits(values: Array, smallest_sd: Array) -> tuple[Array, Array]:
    """Median, and the distance from it that a value counts at most: (comparisons,) both, of values (runs, comparisons).

    Source: winsorising at a multiple of the median absolute deviation, as Huber's location does (Huber 1964).
    """
    centre = np.median(values, axis=0)
    deviation = MAD_TO_SD * np.median(np.abs(values - centre), axis=0)
    return centre, np.maximum(CLIP_SD * deviation, CLIP_FLOORS * smallest_sd)


class ClippedRuns:
    """The first so many runs of several comparisons as sums, one run more at a time."""

    def __init__(self, values: Array, smallest_sd: Array) -> None:
        """values: (runs, comparisons), none missing; smallest_sd: (comparisons,), above 0."""
        self.runs = 0
        self._values, self._smallest_sd = values, smallest_sd
        self._sums = np.zeros((len(values) + 1, values.shape[1]))  # row n: of the first n clipped values - centre
        self._squares = np.zeros_like(self._sums)
        self._limits_found = 0  # from so many runs

    def take(self, runs: int) -> None:
        """Let the sums be those of the first `runs` runs."""
        if runs > OFTEN and runs < 1.05 * self._limits_found:
            first = self.runs
        else:
            first, self._limits_found = 0, runs
            self._centre, self._distance = limits(self._values[:runs], self._smallest_sd)
        clipped = np.clip(self._values[first:runs] - self._centre, -self._distance, self._distance)
        self._sums[first + 1 : runs + 1] = self._sums[first] + np.cumsum(clipped, axis=0)
        self._squares[first + 1 : runs + 1] = self._squares[first] + np.cumsum(clipped**2, axis=0)
        self.runs = runs

    @property
    def mean(self) -> Array:
        """(comparisons,), in the metric's unit."""
        return self._centre + self._sums[self.runs] / self.runs

    @property
    def sd(self) -> Array:
        """Standard deviation of a run, (comparisons,)."""
        return np.sqrt(self._about_mean() / (self.runs - 1))

    def split(self, after: Array) -> tuple[Array, Array]:
        """Squares between, and within, the last `after` (places, 1) runs and the others: (places, comparisons) both."""
        total, place = self._sums[self.runs], after[:, 0]
        deviation = total - self._sums[self.runs - place] - after * total / self.runs
        between = deviation**2 * self.runs / (after * (self.runs - after))
        return between, np.maximum(self._about_mean() - between, 0.0)  # below 0 by rounding only

    def _about_mean(self) -> Array:
        return np.maximum(self._squares[self.runs] - self._sums[self.runs] ** 2 / self.runs, 0.0)
