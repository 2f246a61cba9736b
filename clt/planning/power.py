"""What a study could find, before it is run: the differences that its items, languages and seeds can show.

A run's mean over L languages and I items varies, beside what all runs share, with the variance

    v = s^2 (1 - PAIRING) (1 + (L - 1) CLUSTERING) / (L I) + (variance between runs)

where s is the standard deviation of one item's score: items, clustered by language and paired between runs, and the
run as a whole. The difference of two means over a and b runs has the variance v (1/a + 1/b). The smallest difference
that is found 4 times in 5 is (t(0.975) + t(0.8)) times its root, the report's `detectable`.

PAIRING, CLUSTERING and the variance between runs stand for what only a pilot can tell; after one, the report's own
values replace them. They promise rather too little than too much: the noise of the paper's repeated runs is about what
250 items answered anew make by themselves, and it is added to that of the items all the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from clt.planning.comparable_pairs import ComparablePair, CurveDesign, comparable_pairs
from clt.study import METRICS, Cell, Point, StudyRecord

POWER = 0.8  # found 4 times in 5
LEVEL = 0.95  # of the intervals
COMPARED = 4  # English, S, U and A: the measures whose comparisons are corrected together

# Correlation of one item's scores in two runs, whether they differ in n, seed or curve. Miller (2024, arXiv
# 2411.00640) reports 0.3 to 0.7 between frontier models; in the demo study the means over tasks are 0.0 to 0.6.
PAIRING = 0.3
# Correlation between two languages of one item's change from run to run: the demo study has 0.4 to 0.5 in maths, where
# items are parallel and alike, and less than 0.1 elsewhere.
CLUSTERING = 0.4
# Standard deviation between repeated runs of one language's score, and of the mean of seven languages: the three
# English-only runs of Aya 23 7B in studies/paper/scores.csv, 2 degrees of freedom. Unknown for other metrics.
MATHS, SUMMARIZATION = (0.026, 0.019), (0.010, 0.0043)
RUN_NOISE = {
    "math_answer": MATHS,
    "exact_match": MATHS,
    "language_fidelity": MATHS,
    "rouge_l": SUMMARIZATION,
}
REPEATED_LANGUAGES = 7

POWER_ASSUMPTIONS = (
    "scores at the middle of their range, where they can spread most; one item's scores correlate by "
    f"{PAIRING:g} between runs and by {CLUSTERING:g} between languages; run-to-run noise as in the paper's repeated "
    "runs (maths; for rouge_l summarization). For bits_per_byte it is not known, and differences are in standard "
    "deviations of an item's score. After a pilot the report's own `detectable` values replace these numbers"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectable:
    """The smallest differences that are found 4 times in 5, for all curves of one task, metric and number of seeds.

    In the metric's unit, or in standard deviations of one item's score where the metric has no bound. None: not there
    to be found (no point n = 0, no held-out language, no second curve).
    """

    task: str
    metric: str
    bounded: bool  # whether the metric has a largest score; if not, differences are in standard deviations
    items: int  # in the language that has fewest: no more can be shared by all
    trained_languages: int
    held_out_languages: int
    seeds: int
    curves: int
    trained: float | None  # S(n) - S(0), at one n that was chosen beforehand
    held_out: float | None
    english: float | None
    between: float | None  # A of two curves, averaged over every n > 0 that both have; after Holm's correction
    comparisons: int  # of the largest family that `between` is corrected for
    range: float | None  # of the metric's scores; None: it has no largest one
    chance: float | None  # where no seed is repeated: how far S of two runs differs by chance (95%), if that is known

    def is_beyond_range(self, difference: float | None) -> bool:
        """Whether no two means of this metric can differ by so much."""
        return self.range is not None and difference is not None and difference > self.range


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCurve:
    """A curve as the statistics will have it."""

    design: CurveDesign
    seeds: int

    @property
    def task(self) -> str:
        return self.design.task

    @property
    def trained(self) -> tuple[str, ...]:
        return self.design.languages

    @property
    def sample_sizes(self) -> tuple[int, ...]:
        return tuple(self.design.rows)

    @property
    def has_change(self) -> bool:
        """Whether there is a change from n = 0 to be found."""
        return 0 in self.sample_sizes and len(self.sample_sizes) > 1


@dataclass(frozen=True, slots=True)
class Noise:
    """What runs of one task and metric differ by when nothing but chance differs."""

    metric: str
    items: int
    run_noise_df: int  # of the variance between runs, pooled over the task; 0: no cell has a second seed

    def of_items(self, languages: int) -> float:
        """Variance of a run's mean over languages that other runs do not share, from its items."""
        facts = METRICS[self.metric]
        variance = 1.0 if facts.high is None else (facts.high - facts.low) ** 2 / 4
        spread = (1 + (languages - 1) * CLUSTERING) / languages
        return variance * (1 - PAIRING) * spread / self.items

    def of_runs(self, languages: int) -> float:
        """Variance of a run's mean over languages between repeated runs: what all languages share, and their own."""
        single, mean = (sd**2 for sd in RUN_NOISE.get(self.metric, (0.0, 0.0)))
        shared = max(0.0, (REPEATED_LANGUAGES * mean - single) / (REPEATED_LANGUAGES - 1))
        return shared + (single - shared) / languages

    def detectable(self, languages: int, runs: tuple[int, int], tests: int = 1) -> float | None:
        """The smallest difference of two means over languages, each over so many runs, that is found 4 times in 5."""
        if not languages:
            return None
        error = sqrt((self.of_items(languages) + self.of_runs(languages)) * (1 / runs[0] + 1 / runs[1]))
        df = self.run_noise_df or max(self.items - 1, 1)
        return error * (t_quantile(1 - (1 - LEVEL) / (2 * tests), df) + t_quantile(POWER, df))

    def chance(self, languages: int) -> float | None:
        """How far two equal runs differ in 95 of 100 cases, where the report cannot tell because no run is repeated."""
        between = self.of_runs(languages)
        return None if self.run_noise_df or not between else NormalDist().inv_cdf(0.5 + LEVEL / 2) * sqrt(2 * between)


def detectable_differences(record: StudyRecord) -> tuple[Detectable, ...]:
    """What each task and metric of the record's grid could show; one entry for curves that are alike in it."""
    curves = list(_curves(record))
    pairs = list(comparable_pairs([curve.design for curve in curves]))
    differences = []
    for name, task in record.study.tasks.items():
        groups: dict[tuple[int, ...], list[int]] = {}
        for position, curve in enumerate(curves):
            if curve.task == name:
                groups.setdefault((len(curve.trained), curve.seeds, curve.has_change), []).append(position)
        run_noise_df = sum((curve.seeds - 1) * len(curve.sample_sizes) for curve in curves if curve.task == name)
        for metric in task.metrics:
            noise = Noise(metric, _fewest_items(record, name), run_noise_df)
            compared = pairs if metric == task.metrics[0] else []  # the report compares curves on main metrics
            differences += [_detectable(record, noise, curves, alike, compared) for alike in groups.values()]
    return tuple(differences)


def t_quantile(p: float, df: float) -> float:
    """Quantile of Student's t distribution, within 1% for p <= 0.975 and df >= 2 (Abramowitz and Stegun, 26.7.5).

    At p = 0.999 (Holm over 36 comparisons) the error is 1% at df = 4, and at df = 2 13%. Without scipy, which would
    take longer to import than the whole plan.
    """
    z = NormalDist().inv_cdf(p)
    return (
        z
        + (z**3 + z) / (4 * df)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * df**4)
    )


def _curves(record: StudyRecord) -> Iterator[PlannedCurve]:
    """The curves of a record's grid, by task; the report compares them on their task's main metric."""
    designs: dict[tuple[str, ...], tuple[Point, set[int], dict[int, Cell]]] = {}
    cells = {cell.key: cell for cell in record.grid.cells}
    for point in record.grid.points:
        for task in point.tasks:
            key = (task, point.model, point.setting, point.mixture)
            _, seeds, by_n = designs.setdefault(key, (point, set(), {}))
            seeds.add(point.seed)
            by_n[point.samples_per_language] = cells[point.cell]
    for (task, *_), (point, seeds, by_n) in designs.items():
        yield PlannedCurve(design=_design(record, task, point, by_n), seeds=len(seeds))


def _design(record: StudyRecord, task: str, point: Point, by_n: dict[int, Cell]) -> CurveDesign:
    english, model = record.study.languages.english, record.study.model(point.model)
    return CurveDesign(
        task=task,
        metric=record.study.tasks[task].metrics[0],
        english=english,
        model=model.name,
        family=model.family,
        size=record.facts.models[model.name].parameters,
        setting=point.setting,
        languages=tuple(code for code in point.train_languages if code in record.study.trained(task)),
        mixture=point.mixture,
        rows={n: _rows(cell, english) for n, cell in sorted(by_n.items())},
    )


def _rows(cell: Cell, english: str) -> tuple[int, int]:
    """English rows of a task, and those of all other languages together."""
    return cell.rows.get(english, 0), sum(cell.rows.values()) - cell.rows.get(english, 0)


def _fewest_items(record: StudyRecord, task: str) -> int:
    study = record.study
    rows = [record.facts.source(task, "test", language).rows for language in study.evaluated(task)]
    return min([*rows, study.evaluation.max_items or rows[0]])


def _detectable(
    record: StudyRecord,
    noise: Noise,
    curves: Sequence[PlannedCurve],
    alike: Sequence[int],
    pairs: Sequence[ComparablePair],
) -> Detectable:
    """The entry of the curves at the positions `alike`, any of which stands for all."""
    curve, facts = curves[alike[0]], METRICS[noise.metric]
    trained, evaluated = len(curve.trained), len(record.study.evaluated(curve.task)) - 1

    def change(count: int) -> float | None:
        return noise.detectable(count, (curve.seeds, curve.seeds)) if curve.has_change else None

    kinds = [pair.kind for pair in pairs]
    between, comparisons = [], 0
    for pair in pairs:
        if not {pair.first, pair.second}.isdisjoint(alike):
            n, tests = len(pair.sample_sizes), COMPARED * kinds.count(pair.kind)
            runs = (curves[pair.first].seeds * n, curves[pair.second].seeds * n)
            between.append(noise.detectable(evaluated, runs, tests) or 0.0)
            comparisons = max(comparisons, tests)
    return Detectable(
        task=curve.task,
        metric=noise.metric,
        bounded=facts.high is not None,
        range=None if facts.high is None else facts.high - facts.low,
        items=noise.items,
        trained_languages=trained,
        held_out_languages=evaluated - trained,
        seeds=curve.seeds,
        curves=len(alike),
        trained=change(trained),
        held_out=change(evaluated - trained),
        english=change(1),
        between=max(between, default=None),
        comparisons=comparisons,
        chance=noise.chance(trained) if curve.has_change and trained else None,
    )
