"""What a study could find, before it is run: the differences that its items, languages and seeds can show.

A run's mean over L languages and I items varies, beside what all runs share, with the variance

    v = s^2 (1 - PAIRING) (1 + (L - 1) CLUSTERING) / (L I) + (variance between runs)

where s is the standard deviation of one item's score: items, clustered by language and paired between runs, and the
run as a whole. The difference of two means over a and b runs has the variance v (1/a + 1/b). All that a report's first
screen can say has to hold together (contrast_family.py): the smallest difference that is found 4 times in 5 is
(m + t(0.8)) times its root, m being the studentized maximum modulus of K contrasts (Stoline and Ury 1979, Technometrics
21). It is a little more than the report's own value, whose contrasts depend on one another.

PAIRING, CLUSTERING and the variance between runs (run_noise.py) stand for what only a pilot can tell; after one, the
report's own values replace them. They promise rather too little than too much: the noise of the paper's repeated runs
is about what 250 items answered anew make by themselves, and it is added to that of the items all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from clt.planning.contrast_family import FamilyMember, contrast_family
from clt.planning.planned_curves import PlannedCurve, planned_curves, run_noise_df
from clt.planning.quantiles import LEVEL, maximum_modulus, t_quantile
from clt.planning.run_noise import COMMON_SD, LANGUAGE_SD, PRIOR_DF
from clt.study import METRICS, StudyRecord

POWER = 0.8  # found 4 times in 5

# Correlation of one item's scores in two runs, whether they differ in n, seed or curve. Miller (2024, arXiv
# 2411.00640) reports 0.3 to 0.7 between frontier models; in the demo study the means over tasks are 0.0 to 0.6.
PAIRING = 0.3
# Correlation between two languages of one item's change from run to run: the demo study has 0.4 to 0.5 in maths, where
# items are parallel and alike, and less than 0.1 elsewhere.
CLUSTERING = 0.4

POWER_ASSUMPTIONS = (
    "scores at the middle of their range, where they can spread most; one item's scores correlate by "
    f"{PAIRING:g} between runs and by {CLUSTERING:g} between languages; runs differ as the paper's repeated ones do "
    f"(log-odds: {COMMON_SD:g} in all languages together and {LANGUAGE_SD:g} in each), for metrics without a largest "
    "score not at all; there differences are in standard deviations of an item's score. The report's own `detectable` "
    "values are better"
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
    between: float | None  # A of two curves, averaged over every n > 0 that both have
    contrasts: int  # of the whole study that have to hold together
    range: float | None  # of the metric's scores; None: it has no largest one
    chance: float | None  # where no seed is repeated: how far S of two runs differs by chance (95%), if that is known

    def is_beyond_range(self, difference: float | None) -> bool:
        """Whether no two means of this metric can differ by so much."""
        return self.range is not None and difference is not None and difference > self.range


@dataclass(frozen=True, slots=True)
class Noise:
    """What runs of one task and metric differ by when nothing but chance differs."""

    metric: str
    items: int
    run_noise_df: int  # of the variance between runs, pooled over the task
    is_repeated: bool  # whether any cell has a second seed

    def of_items(self, languages: int) -> float:
        """Variance of a run's mean over languages that other runs do not share, from its items."""
        facts = METRICS[self.metric]
        variance = 1.0 if facts.high is None else (facts.high - facts.low) ** 2 / 4
        spread = (1 + (languages - 1) * CLUSTERING) / languages
        return variance * (1 - PAIRING) * spread / self.items

    def of_runs(self, languages: int) -> float:
        """Variance of a run's mean over languages between repeated runs: what all languages share, and their own."""
        facts = METRICS[self.metric]
        if facts.high is None:
            return 0.0
        slope = (facts.high - facts.low) / 4  # of the logit at the middle of the range
        return slope**2 * (COMMON_SD**2 + LANGUAGE_SD**2 / languages)

    def detectable(self, languages: int, runs: tuple[int, int], contrasts: int) -> float | None:
        """The smallest difference of two means over languages, each over so many runs, that is found 4 times in 5."""
        if not languages:
            return None
        between = self.of_runs(languages)
        error = sqrt((self.of_items(languages) + between) * (1 / runs[0] + 1 / runs[1]))
        df = max(self.run_noise_df, PRIOR_DF) if between else max(self.items - 1, 1)
        return error * (maximum_modulus(contrasts, df) + t_quantile(POWER, df))

    def chance(self, languages: int) -> float | None:
        """How far two equal runs differ in 95 of 100 cases, where no run is repeated."""
        between = self.of_runs(languages)
        return None if self.is_repeated or not between else NormalDist().inv_cdf(0.5 + LEVEL / 2) * sqrt(2 * between)


def detectable_differences(record: StudyRecord) -> tuple[Detectable, ...]:
    """What each task and metric of the record's grid could show; one entry for curves that are alike in it."""
    curves = list(planned_curves(record))
    family = list(contrast_family([curve.design for curve in curves]))
    differences = []
    for name, task in record.study.tasks.items():
        groups: dict[tuple[int, ...], list[int]] = {}
        for position, curve in enumerate(curves):
            if curve.task == name:
                groups.setdefault((len(curve.trained), curve.seeds, curve.has_change), []).append(position)
        of_task = [curve for curve in curves if curve.task == name]
        is_repeated = any(curve.seeds > 1 for curve in of_task)
        for metric in task.metrics:
            noise = Noise(metric, _fewest_items(record, name), run_noise_df(of_task), is_repeated)
            # the report compares curves on main metrics, and speaks first of them alone
            judged = family if metric == task.metrics[0] else []
            differences += [_detectable(record, noise, curves, alike, judged) for alike in groups.values()]
    return tuple(differences)


def _fewest_items(record: StudyRecord, task: str) -> int:
    study = record.study
    rows = [record.facts.source(task, "test", language).rows for language in study.evaluated(task)]
    return min([*rows, study.evaluation.max_items or rows[0]])


def _detectable(
    record: StudyRecord,
    noise: Noise,
    curves: Sequence[PlannedCurve],
    alike: Sequence[int],
    family: Sequence[FamilyMember],
) -> Detectable:
    """The entry of the curves at the positions `alike`, any of which stands for all."""
    curve, facts = curves[alike[0]], METRICS[noise.metric]
    trained, evaluated = len(curve.trained), len(record.study.evaluated(curve.task)) - 1

    contrasts = max(len(family), 1)

    def change(count: int) -> float | None:
        return noise.detectable(count, (curve.seeds, curve.seeds), contrasts) if curve.has_change else None

    between = [
        noise.detectable(evaluated, (curves[first].seeds * n, curves[second].seeds * n), contrasts) or 0.0
        for member in family
        if member.kind == "comparison" and not set(alike).isdisjoint(member.curves)
        for (first, second), n in [(member.curves, len(member.sample_sizes))]
    ]
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
        contrasts=len(family),
        chance=noise.chance(trained) if curve.has_change and trained else None,
    )
