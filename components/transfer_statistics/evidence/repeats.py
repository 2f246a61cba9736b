"""Runs that differ in nothing but chance: seeds of one cell, and English-only runs that were trained again.

Their spread is the run-to-run noise. It is pooled over all such groups of a task and metric, which takes the noise to
be the same at every n and in every model: few repeats do not allow more. A curve with five runs or more is judged by
its own runs alone.

Runs that are scored on the same items differ by what training left to chance, and because every item is answered anew.
The second part is in the items' standard error already, and must not be added to it again: `Spread.items`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtri, stdtrit

from components.transfer_statistics.curve.uncertainty import LEVEL
from components.transfer_statistics.scores.curve_data import CurveData

RUNS_OF_ITS_OWN = 5  # a curve with so many runs needs no other curve's to know its noise
Array = np.ndarray
Measure = Callable[[Array], Array]  # scores (runs, languages) -> values (runs,)
Measures = Callable[[Array], Mapping[str, Array]]  # the same for several measures by name


@dataclass(frozen=True, slots=True)
class Spread:
    """Pooled standard deviation between repeated runs of one measure."""

    sd: float
    low: float  # 95% interval of the standard deviation, from the chi-square distribution
    high: float
    df: int
    groups: int
    runs: int
    largest: float  # difference of two runs of one group
    items: float = 0.0  # the part of `sd` that answering every item anew accounts for; 0 where only means are known

    def half_width(self, runs: float) -> float:
        """Half of the 95% t interval of a value whose variance is that of one run divided by `runs`."""
        return float(t_factor(self.df)) * self.sd / float(np.sqrt(runs))


@dataclass(frozen=True, slots=True)
class Run:
    """One run at one point: means by language, and the same with each item left out once, arrays (items,)."""

    curve: str
    items: tuple[str, ...]
    means: Mapping[str, float]
    left_out: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Group:
    """Repeated runs of one point: means by language, one mapping a run, and the same with each item left out once."""

    curve: str
    means: tuple[Mapping[str, float], ...]
    left_out: tuple[Mapping[str, Array], ...]  # arrays (items,); empty where the runs do not share their items


@dataclass(frozen=True, slots=True)
class Repeats:
    """Groups of repeated runs by (study, task, metric)."""

    groups: Mapping[tuple[str, str, str], tuple[Group, ...]]

    def spreads(self, data: CurveData, measures: Measures) -> dict[str, Spread]:
        """Spread of measures of scores whose columns are the curve's languages; empty without repeated runs."""
        languages = data.roles.languages
        groups = [
            group
            for group in self.groups.get(_task(data), ())
            if all(code in run for run in group.means for code in languages)
            and (len(data.runs) < RUNS_OF_ITS_OWN or group.curve == data.id)
        ]
        if not groups:
            return {}
        rows = np.array([[run[code] for code in languages] for group in groups for run in group.means])
        stops = np.cumsum([len(group.means) for group in groups])[:-1]
        values, items = measures(rows), _items_parts(groups, measures, languages)
        found = {name: pooled(np.split(one, stops), items[name]) for name, one in values.items()}
        return {name: one for name, one in found.items() if one is not None}

    def spread(self, data: CurveData, measure: Measure) -> Spread | None:
        """Spread of one measure; None without repeated runs."""
        return self.spreads(data, lambda scores: {"": measure(scores)}).get("")

    def spread_over(self, data: CurveData, codes: Sequence[str]) -> Spread | None:
        """Spread of the mean over some of the curve's languages.

        One language alone takes the root of the mean variance over all languages: its own few repeats may agree by
        chance. Languages of one run are not independent and add no degrees of freedom.
        """
        if len(codes) > 1:
            where = [data.roles.languages.index(code) for code in codes]
            return self.spread(data, lambda scores: scores[:, where].mean(axis=1))
        known = list(self.spreads(data, lambda scores: {str(k): one for k, one in enumerate(scores.T)}).values())
        if not known:
            return None
        sd, low, high, items = (
            float(np.sqrt(np.mean([getattr(one, name) ** 2 for one in known])))
            for name in ("sd", "low", "high", "items")
        )
        largest = max(one.largest for one in known)
        return replace(known[0], sd=sd, low=low, high=high, items=items, largest=largest)


def find_repeats(curves: Sequence[CurveData]) -> Repeats:
    """Repeated runs of the curves; a run that several curves share counts once."""
    found: dict[tuple[str, str, str], dict[tuple[object, ...], dict[object, Run]]] = {}
    for data in curves:
        for n in data.counts:
            runs = found.setdefault(_task(data), {}).setdefault(_mixture(data, n), {})
            for key, run in _runs(data, data.place(n)).items():
                runs.setdefault(key, run)
    return Repeats(
        {
            task: tuple(_group(tuple(runs.values())) for runs in groups.values() if len(runs) > 1)
            for task, groups in found.items()
        }
    )


def same_run(data: CurveData, place: int) -> tuple[object, ...]:
    """Equal for points that are the same trained runs: an English-only run stands in several curves."""
    if place != data.zero:
        return data.id, place
    return (*_mixture(data, 0), *_runs(data, place))


def t_factor(df: Array | float) -> Array:
    """What a standard error is multiplied by for half of a 95% interval."""
    return np.asarray(stdtrit(df, 0.5 + LEVEL / 2))


def joint_error(
    item_error: Array, run_error: Array, run_df: float, *, counted: Array | float = 0.0, item_df: float = np.inf
) -> tuple[Array, Array]:
    """Standard error of a value with both kinds of noise, and its degrees of freedom.

    `run_error` is estimated from runs over the same items, and `counted` is the part of it that is in `item_error` too.
    The variance is that of crossed random effects, items + runs - (items x runs), never less than the items'; degrees
    of freedom after Satterthwaite (1946), Biometrics Bulletin 2, equation 17, never fewer than the smaller of both:
    where one mean square is taken off another, his approximation breaks down (Gaylor and Hopper 1969, Technometrics
    11). `item_df` is infinite for an error from resamples.
    """
    items, runs = np.square(item_error), np.square(run_error)
    variance = items + np.maximum(runs - np.square(counted), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = variance**2 / (items**2 / item_df + runs**2 / run_df)
    return np.sqrt(variance), np.where(np.isnan(df), np.inf, np.maximum(df, min(run_df, item_df)))


def pooled(values: Sequence[Array], items: Sequence[float] = ()) -> Spread | None:
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
    return Spread(
        sd=float(np.sqrt(squares / df)),
        low=low,
        high=high,
        df=df,
        groups=len(used),
        runs=runs,
        largest=max(float(np.ptp(group)) for group, _ in used),
        items=float(np.sqrt(of_items)),
    )


def _group(runs: tuple[Run, ...]) -> Group:
    alike = len({run.items for run in runs}) == 1 and len(runs[0].items) > 1
    return Group(
        curve=runs[0].curve,
        means=tuple(run.means for run in runs),
        left_out=tuple(run.left_out for run in runs) if alike else (),
    )


def _items_parts(groups: Sequence[Group], measures: Measures, languages: Sequence[str]) -> dict[str, list[float]]:
    """The variance between each group's runs that is due to items answered anew, by measure; 0 where it is unknown.

    By the jackknife: what a left-out item changes in one run more than in the mean of the runs is the interaction of
    item and run, and its mean square over the number of items is what remains between runs that training made alike.
    """
    arrays = [
        np.stack([np.stack([run[code] for code in languages], axis=-1) for run in group.left_out])
        for group in groups
        if group.left_out
    ]
    rows = [array.reshape(-1, len(languages)) for array in arrays]
    left_out = measures(np.concatenate([*rows, np.ones((1, len(languages)))]))  # a row more: there may be none
    stops = np.cumsum([len(part) for part in rows])
    found = {}
    for name, values in left_out.items():
        parts = iter(np.split(values, stops))
        found[name] = [
            _interaction(next(parts).reshape(len(group.left_out), -1)) if group.left_out else 0.0 for group in groups
        ]
    return found


def _interaction(left_out: Array) -> float:
    """Variance (jackknife) of each run's difference from the mean of the runs, from values (runs, items)."""
    runs, items = left_out.shape
    deviations = left_out - left_out.mean(axis=1, keepdims=True)
    deviations = deviations - deviations.mean(axis=0)
    variance = float((deviations**2).sum()) / (runs - 1) * (items - 1) / items
    return variance if np.isfinite(variance) else 0.0


def _task(data: CurveData) -> tuple[str, str, str]:
    return data.identity["study"], data.identity["task"], data.identity["metric"]


def _mixture(data: CurveData, n: int) -> tuple[object, ...]:
    """What repeated runs share. At n = 0 that is no matter of the curve: only English was trained on."""
    if n > 0:
        return data.id, n
    return data.identity["model"], data.identity["setting"], data.rows[data.counts.index(0)]


def _runs(data: CurveData, place: int) -> dict[object, Run]:
    """Every run at one point. In a store a run is known by its label; a table of scores has no labels that hold across
    curves, so there it is known by its scores."""
    sample = data.sample
    counts, scores = sample.mask.sum(axis=0), sample.scores[:, :, place]
    totals = scores.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (totals / counts).round(12)
        left_out = (totals[:, None] - scores) / (counts - sample.mask)
    scored = [(k, code) for k, code in enumerate(data.roles.languages) if sample.present[place, k]]
    runs = [
        Run(
            curve=data.id,
            items=sample.items,
            means={code: float(mean[k]) for k, code in scored},
            left_out={code: without[:, k] for k, code in scored},
        )
        for mean, without in zip(means, left_out, strict=True)
    ]
    keys = data.runs if data.identity["study"] else [tuple(sorted(run.means.items())) for run in runs]
    return dict(zip(keys, runs, strict=True))
