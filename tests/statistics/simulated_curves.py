"""Curves with a known truth: two-parameter logistic items that are hard or easy in all languages alike.

Scores are right or wrong, ROUGE with many zeros, or a judge's 1 to 5.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from clt.statistics.scores.curve_data import CurveData
from tests.statistics.conftest import array_curve

TRAINED, HELD_OUT = ("es", "fr", "ja", "zh"), ("pt", "ar", "ko")
SAMPLE_SIZES = (0, 100, 200, 400, 800, 1000, 2000, 5000)
START = np.array([1.5, 0.3, 0.4, -0.6, -0.5, -0.3, -0.9, -1.1])  # log-odds without training, English first
SHARE = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 0.7, 0.7, 0.7])  # of the rise, that a language makes
BETWEEN_RUNS = 0.12  # standard deviation of log-odds, of all languages together and again of each
Array = np.ndarray
Rise = Callable[[float], float]  # of n, in log-odds

RISES: dict[str, Rise] = {
    "flat": lambda n: 0.0,
    "rising, logarithm": lambda n: 0.16 * float(np.log1p(n / 50)),
    "rising, power 0.3": lambda n: 0.55 * float(n / 1000) ** 0.3,
    "rising, as in review": lambda n: 0.78 * float(n / 5000) ** 0.35,  # U 0.49 at the largest n, 0.57 at 4x
    "slow: n / (n + 1500)": lambda n: n / (n + 1500),
    "settled: n / (n + 150)": lambda n: 0.9 * n / (n + 150),
    "settled: exponential, 300": lambda n: 0.9 * float(-np.expm1(-n / 300)),
    "straight line": lambda n: 0.9 * n / 5000,
}


def _right_or_wrong(generator: np.random.Generator, chance: Array) -> Array:
    return (generator.random(chance.shape) < chance).astype(float)


def _overlap(generator: np.random.Generator, chance: Array) -> Array:
    """Zero for up to a third of the answers, the worse the more; else spread around a third of the chance and up."""
    level = 0.1 + 0.6 * chance
    empty = generator.random(chance.shape) < 0.35 * (1 - level)
    return np.where(empty, 0.0, generator.beta(6 * level, 6 * (1 - level)))


def _judgement(generator: np.random.Generator, chance: Array) -> Array:
    return 1.0 + generator.binomial(4, chance)


SCORES = {"exact_match": _right_or_wrong, "rouge_l": _overlap, "judge": _judgement}  # by metric


@dataclass(frozen=True, slots=True)
class TestSet:
    """Items with their discrimination (items,) and difficulty (items, languages)."""

    __test__ = False  # pytest: no test
    discrimination: Array
    difficulty: Array
    metric: str

    def chance(self, ability: Array) -> Array:
        """Of a right answer, axes (items, languages), from abilities (languages,)."""
        return np.asarray(expit(self.discrimination[:, None] * (ability - self.difficulty)))


@dataclass(frozen=True, slots=True)
class SimulatedCurve:
    """One curve, and what is true of it on its own test items."""

    data: CurveData
    items: TestSet
    rise: Rise
    between: float
    generator: np.random.Generator

    def held_out_truth(self, n: float) -> float:
        """Expected share of right answers in held-out languages at n, of a run without noise."""
        return float(self.items.chance(START + SHARE * self.rise(n))[:, -len(HELD_OUT) :].mean())

    def new_run(self, n: float) -> float:
        """U of a new run at n."""
        return float(_run(self.generator, self.items, self.rise(n), self.between)[:, -len(HELD_OUT) :].mean())


def simulate(
    generator: np.random.Generator,
    rise: Rise,
    *,
    seeds: int = 1,
    items: int = 250,
    between: float = BETWEEN_RUNS,
    metric: str = "exact_match",
) -> SimulatedCurve:
    """A curve of scores per item; `between` is the standard deviation between runs, twice (common, language)."""
    codes = len(START)
    test = TestSet(
        generator.lognormal(0, 0.3, items),
        generator.normal(0, 1.2, (items, 1)) + generator.normal(0, 0.5, (items, codes)),
        metric,
    )
    scores = np.stack(
        [np.stack([_run(generator, test, rise(n), between) for n in SAMPLE_SIZES], axis=1) for _ in range(seeds)]
    )
    data = array_curve(scores, trained=TRAINED, held_out=HELD_OUT, counts=SAMPLE_SIZES, metric=metric)
    return SimulatedCurve(data, test, rise, between, generator)


def _run(generator: np.random.Generator, items: TestSet, rise: float, between: float) -> Array:
    """Answers of one run, axes (items, languages)."""
    luck = generator.normal(0, between) + generator.normal(0, between, len(START))
    chance = items.chance(START + SHARE * rise + luck)
    return SCORES[items.metric](generator, chance)
