"""Years of weekly runs of a baseline, in which nothing changes until a shift is added; a run's sd is 1."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clt.baselines.detection import Watched, thresholds, watch

Array = np.ndarray
Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]

WEEKS = 52
ALPHA = 0.05
YEARS = 1000
LANGUAGES = 8


def _spread_among_few(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """One run in ten is five times as noisy."""
    return random.standard_normal(shape) * np.where(random.random(shape) < 0.1, 5.0, 1.0) / 3.4**0.5


NOISE: dict[str, Draw] = {
    "normal": lambda random, shape: random.standard_normal(shape),
    "t, 4 df": lambda random, shape: random.standard_t(4, shape) / 2**0.5,
    "t, 3 df": lambda random, shape: random.standard_t(3, shape) / 3**0.5,
    "one in ten 5 x as noisy": _spread_among_few,
    "exponential": lambda random, shape: random.exponential(size=shape) - 1,
}


@dataclass(frozen=True, kw_only=True)
class Years:
    """A thousand years of a baseline."""

    comparisons: int = 24  # the first one is the primary one and has half of alpha
    noise: str = "normal"
    dependent: bool = True  # comparisons share the run's and the language's noise: 0.3 and 0.3 of the variance
    first_runs: int = 5
    weeks: int = WEEKS
    autocorrelation: float = 0.0  # of a run and the one before
    worth: float = 0.4  # the drop that is worth an alarm, in sd of a run: so small that the floor does not matter
    years: int = YEARS

    def values(self, seed: int = 0) -> Array:
        """(weeks, years, comparisons)"""
        random, draw = np.random.default_rng(seed), NOISE[self.noise]
        values = draw(random, (self.weeks, self.years, self.comparisons))
        if self.dependent and self.comparisons > 1:
            language = draw(random, (self.weeks, self.years, LANGUAGES))[..., np.arange(self.comparisons) % LANGUAGES]
            run = draw(random, (self.weeks, self.years, 1))
            values = 0.4**0.5 * values + 0.3**0.5 * (language + run)
        for week in range(1, self.weeks) if self.autocorrelation else ():
            innovation = (1 - self.autocorrelation**2) ** 0.5 * values[week]
            values[week] = self.autocorrelation * values[week - 1] + innovation
        return values

    def thresholds(self) -> Array:
        """(comparisons,)"""
        others = self.comparisons - 1
        weights = np.r_[0.5, np.full(others, 0.5 / others)] if others else np.ones(1)
        return thresholds(weights, WEEKS, ALPHA)

    def watch(self, values: Array) -> Watched:
        """Of values (weeks, years, comparisons), the first ones; the years lie side by side."""
        weeks, years, comparisons = values.shape
        return watch(
            values.reshape(weeks, -1),
            threshold=np.tile(self.thresholds()[:comparisons], years),
            first_runs=self.first_runs,
            smallest_sd=np.full(years * comparisons, self.worth / 8),
        )

    def false_alarms(self) -> float:
        """Share of years with an alarm in any comparison."""
        alarm = self.watch(self.values()).alarm.reshape(self.years, self.comparisons)
        return float((alarm >= 0).any(axis=1).mean())


@dataclass(frozen=True, kw_only=True)
class OneComparison(Years):
    """Years of one comparison of 24, which is the primary one or another."""

    primary: bool = True

    def values(self, seed: int = 0) -> Array:
        """(weeks, years)"""
        return NOISE[self.noise](np.random.default_rng(seed), (self.weeks, self.years))

    def watch(self, values: Array) -> Watched:
        threshold = np.full(self.years, self.thresholds()[0 if self.primary else 1])
        floor = np.full(self.years, self.worth / 8)
        return watch(values, threshold=threshold, first_runs=self.first_runs, smallest_sd=floor)


@dataclass(frozen=True)
class Found:
    """What becomes of a change that begins with run `week`, counted from 0."""

    alarm: Array  # (years,)
    week: int

    @property
    def share(self) -> float:
        """Of years in which it is found; an alarm before it is none."""
        return float((self.alarm >= self.week).mean())

    @property
    def median(self) -> float:
        """Runs from the first one after the change to the alarm, that one included."""
        return float(np.median(np.where(self.alarm >= self.week, self.alarm - self.week + 1, np.inf)))

    def within(self, runs: int) -> float:
        """Share of years in which it is found so soon."""
        return float(((self.alarm >= self.week) & (self.alarm < self.week + runs)).mean())
