"""Run-to-run noise: the standard deviation between runs that differ in nothing but chance.

Repeated runs tell it. It is pooled over all such groups of a task and metric, which takes the noise to
be the same at every n and in every model: few repeats do not allow more. A curve with five runs or more is judged by
its own runs alone.

Runs that are scored on the same items differ by what training left to chance, and because every item is answered anew.
The second part is in the items' standard error already, and must not be added to it again: `PooledSD.item_component`.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from scipy.special import chdtri

from clt.planning import PRIOR_DF
from clt.statistics.inference.intervals import LEVEL, t_factor
from clt.statistics.inference.neighbouring_runs import find_neighbouring_runs
from clt.statistics.inference.repeated_runs import RepeatedRuns, find_repeated_runs
from clt.statistics.scores.curve_data import CurveData

RUNS_OF_ITS_OWN = 5  # a curve with so many runs needs no other curve's to know its noise
Array = np.ndarray
Name = TypeVar("Name", bound=Hashable)  # of a measure
Measurement = Callable[[Array], Array]  # scores (runs, languages) -> values (runs,)
Measurements = Callable[[Array], Mapping[Name, Array]]  # the same for several measures by name


@dataclass(frozen=True, slots=True)
class PooledSD:
    """Pooled standard deviation between repeated runs of one measure."""

    sd: float
    low: float  # 95% interval of the standard deviation, from the chi-square distribution
    high: float
    df: int
    groups: int
    runs: int
    largest: float  # difference of two runs of one group
    item_component: float = (
        0.0  # the part of `sd` that answering every item anew accounts for; 0 where only means are known
    )

    def half_width(self, runs: float) -> float:
        """Half of the 95% t interval of a value whose variance is that of one run divided by `runs`."""
        return float(t_factor(self.df)) * self.sd / float(np.sqrt(runs))


@dataclass(frozen=True, slots=True)
class RunNoise:
    """Groups of repeated runs by (study, task, metric)."""

    groups: Mapping[tuple[str, str, str], tuple[RepeatedRuns, ...]]
    neighbours: Mapping[tuple[str, str, str], tuple[RepeatedRuns, ...]] = field(default_factory=dict)
    # every pair of curves asks for the same few spreads
    _found: dict[tuple[object, ...], PooledSD | None] = field(default_factory=dict, compare=False, repr=False)

    def of_repeats(self) -> "RunNoise":
        """What repeats alone tell: for whoever fits the curves, whose residuals are what neighbouring n tell."""
        return RunNoise(self.groups)

    def pool(self, data: CurveData) -> tuple[str, ...]:
        """Equal for curves whose noise is one estimate: all of a task, but for those with runs enough of their own."""
        return data.task if len(data.runs) < RUNS_OF_ITS_OWN else (data.id,)

    def used(self, data: CurveData) -> list[RepeatedRuns]:
        """The groups that the noise of a curve is estimated from: those that have all its scored languages.

        Where repeated runs are too few, what neighbouring n tell joins them.
        """
        return self.repeated(data) + self.neighbouring(data)

    def repeated(self, data: CurveData) -> list[RepeatedRuns]:
        """Of the groups that are used: runs of one training."""
        return [
            group
            for group in self.groups.get(data.task, ())
            if _has_all(group, data) and (len(data.runs) < RUNS_OF_ITS_OWN or data.id in group.curves)
        ]

    def neighbouring(self, data: CurveData) -> list[RepeatedRuns]:
        """Of the groups that are used: runs at neighbouring n."""
        if sum(len(group.means) - 1 for group in self.repeated(data)) >= PRIOR_DF:
            return []
        return [group for group in self.neighbours.get(data.task, ()) if _has_all(group, data)]

    def pooled_sds(self, data: CurveData, measures: Measurements[Name]) -> dict[Name, PooledSD]:
        """That of measures of scores whose columns are the curve's languages; empty without repeated runs.

        The column of a language that is scored nowhere is NaN, and so are measures of it: they have no spread.
        """
        languages, groups = data.roles.languages, self.used(data)
        if not groups:
            return {}
        rows = np.array([[run.get(code, np.nan) for code in languages] for group in groups for run in group.means])
        rows[:, [code in data.roles.unscored for code in languages]] = np.nan
        stops = np.cumsum([len(group.means) for group in groups])[:-1]
        values, items = measures(rows), _items_parts(groups, measures, languages)
        pooled_by_name = {name: pooled(np.split(each, stops), items[name]) for name, each in values.items()}
        return {name: each for name, each in pooled_by_name.items() if each is not None}

    def pooled_sd(self, data: CurveData, measure: Measurement) -> PooledSD | None:
        """Pooled standard deviation of one measure; None without repeated runs."""
        return self.pooled_sds(data, lambda scores: {"": measure(scores)}).get("")

    def pooled_sd_over(self, data: CurveData, codes: Sequence[str]) -> PooledSD | None:
        """Pooled standard deviation of the mean over some of the curve's languages.

        One language alone takes the root of the mean variance over all languages but English: its own few repeats may
        agree by chance. Languages of one run are not independent and add no degrees of freedom. English has its own
        noise: it is trained on in every run, and by far the best language.
        """
        if not codes:
            return None
        where = tuple(data.roles.languages.index(code) for code in codes)
        one = len(where) == 1 and where != (0,)
        key = (self.pool(data), data.task, data.roles.languages, data.roles.unscored, () if one else where)
        if key not in self._found:
            self._found[key] = self._one_language(data) if one else self._mean(data, where)
        return self._found[key]

    def pooled_sd_of_each(self, curves: Sequence[CurveData], codes: Sequence[str]) -> list[tuple[object, PooledSD]]:
        """The pool and the spread of each curve; empty if no run of any was repeated.

        A curve of whose noise nothing is known takes the largest of the others'.
        """
        every = [(self.pool(data), self.pooled_sd_over(data, codes)) for data in curves]
        known = [(pool, pooled_sd) for pool, pooled_sd in every if pooled_sd is not None]
        if not known:
            return []
        largest = max(known, key=lambda each: (each[1].sd, each[0]))
        return [largest if pooled_sd is None else (pool, pooled_sd) for pool, pooled_sd in every]

    def _mean(self, data: CurveData, where: Sequence[int]) -> PooledSD | None:
        return self.pooled_sd(data, lambda scores: scores[:, list(where)].mean(axis=1))

    def _one_language(self, data: CurveData) -> PooledSD | None:
        columns = range(1, len(data.roles.languages))
        known = list(self.pooled_sds(data, lambda scores: {str(k): scores[:, k] for k in columns}).values())
        if not known:
            return None
        sd, low, high, item_component = (
            float(np.sqrt(np.mean([getattr(each, name) ** 2 for each in known])))
            for name in ("sd", "low", "high", "item_component")
        )
        largest = max(each.largest for each in known)
        return replace(known[0], sd=sd, low=low, high=high, item_component=item_component, largest=largest)


def find_run_noise(curves: Sequence[CurveData]) -> RunNoise:
    """The run-to-run noise that the runs of these curves tell, repeated ones and those at neighbouring n."""
    return RunNoise(find_repeated_runs(curves), find_neighbouring_runs(curves))


def joint_error(
    item_error: Array, run_error: Array, run_df: float, *, item_component: Array | float = 0.0, item_df: float = np.inf
) -> tuple[Array, Array]:
    """Standard error of a value with both kinds of noise, and its degrees of freedom.

    `run_error` is estimated from runs over the same items; `item_component`, a part of it, is in `item_error` too.
    The variance is that of crossed random effects, items + runs - (items x runs), never less than the items'; degrees
    of freedom after Satterthwaite (1946), Biometrics Bulletin 2, equation 17, never fewer than the smaller of both:
    where one mean square is taken off another, his approximation breaks down (Gaylor and Hopper 1969, Technometrics
    11). `item_df` is infinite for an error from resamples.
    """
    items, runs = np.square(item_error), np.square(run_error)
    variance = items + np.maximum(runs - np.square(item_component), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = variance**2 / (items**2 / item_df + runs**2 / run_df)
    return np.sqrt(variance), np.where(np.isnan(df), np.inf, np.maximum(df, min(run_df, item_df)))


def pooled(values: Sequence[Array], items: Sequence[float] = ()) -> PooledSD | None:
    """Pooled standard deviation within groups, each (runs,), and the items' part of it; None without two runs in any.

    `items` holds the variance within each group that the items account for; 0 for all if it is left out.
    """
    parts = zip(values, items or [0.0] * len(values), strict=True)
    used = [(group, part) for group, part in parts if len(group) > 1 and np.isfinite(group).all()]
    if not used:
        return None
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group, _ in used)
    runs = sum(len(group) for group, _ in used)
    df = runs - len(used)
    of_items = sum((len(group) - 1) * part for group, part in used) / df
    tail = (1 - LEVEL) / 2
    low, high = (float(np.sqrt(squares / chdtri(df, p))) for p in (tail, 1 - tail))
    return PooledSD(
        sd=float(np.sqrt(squares / df)),
        low=low,
        high=high,
        df=df,
        groups=len(used),
        runs=runs,
        largest=max(float(np.ptp(group)) for group, _ in used),
        item_component=float(np.sqrt(of_items)),
    )


def _items_parts(
    groups: Sequence[RepeatedRuns], measures: Measurements[Name], languages: Sequence[str]
) -> dict[Name, list[float]]:
    """The variance between each group's runs that is due to items answered anew, by measure; 0 where it is unknown.

    By the jackknife: what a left-out item changes in one run more than in the mean of the runs is the interaction of
    item and run, and its mean square over the number of items is what remains between runs that training made alike.
    """
    arrays = [_left_out(group, languages) for group in groups if group.left_out]
    rows = [array.reshape(-1, len(languages)) for array in arrays]
    left_out = measures(np.concatenate([*rows, np.ones((1, len(languages)))]))  # a row more: there may be none
    stops = np.cumsum([len(part) for part in rows])
    components = {}
    for name, values in left_out.items():
        parts = iter(np.split(values, stops))
        components[name] = [
            _interaction(next(parts).reshape(len(group.left_out), -1)) if group.left_out else 0.0 for group in groups
        ]
    return components


def _left_out(group: RepeatedRuns, languages: Sequence[str]) -> Array:
    """Means without each item, axes (runs, items, languages); NaN for languages that are not scored."""
    unknown = np.full(len(next(iter(group.left_out[0].values()))), np.nan)
    return np.stack([np.stack([run.get(code, unknown) for code in languages], axis=-1) for run in group.left_out])


def _interaction(left_out: Array) -> float:
    """Variance (jackknife) of each run's difference from the mean of the runs, from values (runs, items)."""
    runs, items = left_out.shape
    deviations = left_out - left_out.mean(axis=1, keepdims=True)
    deviations = deviations - deviations.mean(axis=0)
    variance = float((deviations**2).sum()) / (runs - 1) * (items - 1) / items
    return variance if np.isfinite(variance) else 0.0


def _has_all(group: RepeatedRuns, data: CurveData) -> bool:
    return all(code in run for run in group.means for code in _scored(data))


def _scored(data: CurveData) -> list[str]:
    return [code for code in data.roles.languages if code not in data.roles.unscored]
