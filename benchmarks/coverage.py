"""How often 95% intervals hold the truth, over simulated studies whose truth is known.

    python benchmarks/coverage.py [--studies 1000] [--resamples 1000]

A study is one curve of eight languages and seven n. Its items are drawn from a population: an item is hard or easy in
every language and at every n alike, and a little more so in one language than in another. Each run moves all scores of
an n together, and each language by itself. The truth is the mean over all items and runs of the population.

Every line is a condition; every column a measure at the largest n, or a gain. `with runs` are the same intervals after
run-to-run noise was added, from the study's own seeds or, with one seed, from five English-only runs of the same model.
The Monte Carlo error of 95% over 1,000 studies is 0.7 points.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context

import numpy as np

from clt.statistics.curve.curve_gain import gains_and_choices
from clt.statistics.curve.estimates import GAINED, CurveEstimates
from clt.statistics.curve.measure import TRAINED_CHANGE, TRANSFER_SHARE, Kind, Measure
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.run_noise_intervals import with_run_noise
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.sample import Sample

Array = np.ndarray
ROLES = Roles(english="en", trained=("es", "fr", "ja", "zh"), held_out=("ar", "ko", "pt"))
COUNTS = (0, 100, 200, 400, 800, 1600, 3200)
SHAPES = {  # of the rise with n, as a share of the largest rise
    "rising": (0.0, 0.4, 0.6, 0.8, 0.95, 1.0, 1.0),
    "flat": (0.0,) * 7,
    "peak": (0.0, 0.6, 0.9, 1.0, 0.9, 0.8, 0.7),
    "spike": (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0),
}
START = {  # by language: log-odds of a right answer at n = 0
    "usual": (1.5, 0.3, 0.4, -0.6, -0.5, -0.9, -1.1, 0.2),
    "weak": (-1.5, -2.2, -2.0, -2.6, -2.5, -2.8, -3.0, -2.2),
}
RISE = {"en": 0.2, "trained": 1.0, "held_out": 0.5}  # largest rise in log-odds
ITEM, ITEM_LANGUAGE = 1.2, 0.6  # standard deviations between items, in log-odds
RUN, RUN_LANGUAGE = 0.12, 0.12  # standard deviations between runs, in log-odds
LEVELS = (
    *(Measure(Kind.LEVEL, group) for group in ("english", "trained", "held_out", "relative", "gap")),
    Measure(Kind.CHANGE, "held_out"),
    Measure(Kind.LANGUAGE, "ja"),
)
REPEATED_RUNS = 5  # of the English-only cell, where the curve has one seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    items: int = 250
    shape: str = "rising"
    start: str = "usual"
    size: float = 1.0  # factor of the rises
    metric: str = "exact_match"
    seeds: int = 1
    run_noise: bool = False
    missing: float = 0.0  # share of the items that a language lacks, each language others

    def __str__(self) -> str:
        facts = [self.metric, f"{self.items} items", self.shape if self.start == "usual" else f"{self.shape}, weak"]
        facts += [f"{100 * self.missing:g}% missing by language"] if self.missing else []
        facts += [f"runs differ, {self.seeds} seed{'s' * (self.seeds > 1)}"] if self.run_noise else []
        return ", ".join(facts)


CONDITIONS = (
    Condition(items=60),
    Condition(),
    Condition(items=60, shape="flat"),
    Condition(shape="flat"),
    Condition(items=60, shape="peak"),
    Condition(shape="peak"),
    Condition(shape="spike", size=0.3),
    Condition(items=60, start="weak"),
    Condition(start="weak"),
    Condition(items=60, missing=0.2),
    Condition(missing=0.5),
    Condition(items=60, metric="bits_per_byte"),
    Condition(metric="bits_per_byte"),
    Condition(items=60, metric="bits_per_byte", shape="flat"),
    *(Condition(run_noise=True, seeds=seeds) for seeds in (1, 3, 5)),
    *(Condition(run_noise=True, seeds=seeds, shape="flat") for seeds in (1, 3, 5)),
    *(Condition(items=60, run_noise=True, seeds=seeds) for seeds in (1, 3, 5)),
)


def log_odds(condition: Condition) -> Array:
    """Of a right answer to the average item, (points, languages)."""
    rise = [RISE["en"], *(RISE["trained"] for _ in ROLES.trained), *(RISE["held_out"] for _ in ROLES.held_out)]
    shape = np.array(SHAPES[condition.shape])
    return np.array(START[condition.start]) + condition.size * shape[:, None] * np.array(rise)


@lru_cache
def true_means(condition: Condition) -> Array:
    """Mean score over the population of items and runs, (points, languages)."""
    odds = log_odds(condition)
    runs = RUN**2 + RUN_LANGUAGE**2 if condition.run_noise else 0.0
    if condition.metric == "bits_per_byte":
        return np.exp(-odds / 3 + (ITEM**2 + ITEM_LANGUAGE**2 + runs) / 18 + 0.2**2 / 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    spread = np.sqrt(ITEM**2 + ITEM_LANGUAGE**2 + runs)
    return (1 / (1 + np.exp(-odds[..., None] - spread * nodes)) * weights).sum(axis=-1) / weights.sum()


def made_study(condition: Condition, generator: np.random.Generator) -> tuple[CurveData, CurveData]:
    """One curve, and five more runs of its English-only point over the same items."""
    item = generator.normal(0, ITEM, (condition.items, 1)) + generator.normal(0, ITEM_LANGUAGE, (condition.items, 8))
    odds = log_odds(condition)
    curve = _scores(condition, odds, item, condition.seeds, generator)
    again = _scores(condition, odds[:1], item, REPEATED_RUNS, generator)
    mask = np.ones((condition.items, 8), dtype=bool)
    if condition.missing:
        mask = generator.random(mask.shape) >= condition.missing
    return _curve(condition, curve, mask, COUNTS), _curve(condition, again, mask, COUNTS[:1])


def _scores(condition: Condition, odds: Array, item: Array, runs: int, generator: np.random.Generator) -> Array:
    """Scores (runs, items, points, languages)."""
    scale = float(condition.run_noise)
    luck = generator.normal(0, RUN * scale, (runs, 1, len(odds), 1))
    luck = luck + generator.normal(0, RUN_LANGUAGE * scale, (runs, 1, len(odds), 8))
    each = odds + item[:, None] + luck
    if condition.metric == "bits_per_byte":
        return np.exp(-each / 3 + generator.normal(0, 0.2, each.shape))
    return (generator.random(each.shape) < 1 / (1 + np.exp(-each))).astype(float)


def _curve(condition: Condition, scores: Array, mask: Array, counts: tuple[int, ...]) -> CurveData:
    runs, items, points, languages = scores.shape
    scores = scores * mask[:, None]
    names = ("study", "task", "metric", "model", "setting", "mixture", "train_languages")
    identity = dict.fromkeys(names, "made") | {"metric": condition.metric, "mixture": f"{points} points"}
    return CurveData(
        identity=identity,
        family="",
        size=None,
        higher_is_better=condition.metric != "bits_per_byte",
        roles=ROLES,
        has_base=False,
        sample_sizes=counts,
        rows=((None, None),) * points,
        exposure=({},) * points,
        runs=tuple(str(run) for run in range(runs)),
        left_out_runs=(),
        sample=Sample(
            items=tuple(f"{k:04d}" for k in range(items)),
            scores=scores,
            mask=mask,
            present=np.ones((points, languages), dtype=bool),
        ),
        has_items=True,
        available=dict.fromkeys(ROLES.languages, items),
    )


def outcome(condition: Condition, generator: np.random.Generator, resamples: int) -> dict[str, float]:
    """Simulate one study, measure it, and look which intervals hold their truth.

    `items MEASURE` and `runs MEASURE` are 1 where the interval without and with run-to-run noise holds the truth, of a
    cross-fitted gain `MEASURE chosen`: at the n that the halves chose, and `MEASURE best`: at the n that is truly best.
    `items share` and `runs share` are those of the transfer share, NaN where it is undefined.
    `raw MEASURE` and `fitted MEASURE` are the two gains minus the gain at the n that is truly best.
    """
    data, again = made_study(condition, generator)
    measured = measure(data, resamples)
    truth, gain = true_levels(condition), true_gains(condition)
    _, shares = gains_and_choices(data, np.isfinite(measured.value[Measure(Kind.LEVEL, "relative")]))
    found = {}
    kinds = {"items": measured}
    if condition.run_noise:
        kinds["runs"] = with_run_noise(measured, data, find_run_noise([data, again]))
    for kind, one in kinds.items():
        for level in LEVELS:
            found[f"{kind} {level}"] = float(one.low[level][-1] <= truth[level] <= one.high[level][-1])
        found[f"{kind} share"] = _holds_share(one, condition)
        for k, name in enumerate(GAINED):
            low, high = one.low[Measure(Kind.CROSS_FITTED, name)][0], one.high[Measure(Kind.CROSS_FITTED, name)][0]
            found[f"{kind} {name} chosen"] = float(low <= shares[:, k] @ gain[name] <= high)
            found[f"{kind} {name} best"] = float(low <= gain[name][1:].max() <= high)
    for name in GAINED:
        found[f"raw {name}"] = measured.value[Measure(Kind.GAIN, name)][0] - gain[name][1:].max()
        found[f"fitted {name}"] = measured.value[Measure(Kind.CROSS_FITTED, name)][0] - gain[name][1:].max()
    return found


def _holds_share(measured: CurveEstimates, condition: Condition) -> float:
    """Whether the interval of the transfer share at the largest n holds its truth; NaN where the share is undefined."""
    low, high = measured.low[TRANSFER_SHARE][-1], measured.high[TRANSFER_SHARE][-1]
    if not (measured.resolved(TRAINED_CHANGE, -1) and np.isfinite(low)):
        return float("nan")
    gains = true_gains(condition)
    return float(low <= gains["held_out"][-1] / gains["trained"][-1] <= high) if gains["trained"][-1] else float("nan")


def true_levels(condition: Condition) -> dict[Measure, float]:
    """The truth of every level at the largest n."""
    return {name: float(values[-1]) for name, values in _curves(condition).items()}


def true_gains(condition: Condition) -> dict[str, Array]:
    """The true improvement of R (in points), S and U over n = 0 at every n."""
    sign = -1 if condition.metric == "bits_per_byte" else 1
    curves = _curves(condition)
    levels = {name: curves[Measure(Kind.LEVEL, name)] for name in GAINED}
    return {name: sign * (values - values[0]) * (100 if name == "relative" else 1) for name, values in levels.items()}


def _curves(condition: Condition) -> dict[Measure, Array]:
    means = true_means(condition)
    english, trained, held_out = means[:, 0], means[:, 1:5].mean(axis=1), means[:, 5:].mean(axis=1)
    return {
        Measure(Kind.LEVEL, "english"): english,
        Measure(Kind.LEVEL, "trained"): trained,
        Measure(Kind.LEVEL, "held_out"): held_out,
        Measure(Kind.LEVEL, "relative"): means[:, 1:].mean(axis=1) / english,
        Measure(Kind.LEVEL, "gap"): trained - held_out,
        Measure(Kind.CHANGE, "held_out"): held_out - held_out[0],
        Measure(Kind.LANGUAGE, "ja"): means[:, 3],
    }


def simulate(condition: Condition, studies: int, resamples: int, seed: int = 0) -> dict[str, Array]:
    """The outcomes of many studies by name, arrays (studies,)."""
    generator = np.random.default_rng([seed, *str(condition).encode()])
    outcomes = [outcome(condition, generator, resamples) for _ in range(studies)]
    return {name: np.array([one[name] for one in outcomes]) for name in outcomes[0]}


def main() -> None:
    """Print coverage by condition and measure, then the bias of both gains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--only", default="", help="conditions whose name holds this")
    arguments = parser.parse_args()
    chosen = [condition for condition in CONDITIONS if arguments.only in str(condition)]
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of the workers: one each
    counts = [arguments.studies] * len(chosen), [arguments.resamples] * len(chosen)
    names = (*map(str, LEVELS), "share", *(f"{name} {target}" for target in ("chosen", "best") for name in GAINED))
    print("| coverage, % | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    bias = []
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=get_context("spawn")) as pool:
        for condition, found in zip(chosen, pool.map(simulate, chosen, *counts), strict=True):
            for kind in ("items", "runs") if condition.run_noise else ("items",):
                rates = (f"{100 * np.nanmean(found[f'{kind} {name}']):.1f}" for name in names)
                label = f"{condition}{', with runs' * (kind == 'runs')}"
                print(f"| {label} | " + " | ".join(rates) + " |", flush=True)
            means = (
                100 * found[f"{kind} {name}"].mean() / (100 if name == "relative" else 1)
                for name in GAINED
                for kind in ("raw", "fitted")
            )
            bias.append(f"| {condition} | " + " | ".join(f"{value:+.2f}" for value in means) + " |")
    print(
        "\n| bias, points | "
        + " | ".join(f"{kind} {name}" for name in GAINED for kind in ("raw", "fitted"))
        + " |\n"
        + "|---" * 7
        + "|"
    )
    print("\n".join(bias))


if __name__ == "__main__":
    main()
