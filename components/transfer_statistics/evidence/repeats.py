"""Runs that differ in nothing but chance: seeds of one cell, and English-only runs that were trained again.

Their spread is the run-to-run noise. It is pooled over all such groups of a task and metric, which takes the noise to
be the same at every n and in every model: few repeats do not allow more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

import numpy as np
from scipy.special import chdtri, stdtrit

from components.transfer_statistics.curve.uncertainty import LEVEL
from components.transfer_statistics.scores.curve_data import CurveData

Array = np.ndarray
Measure = Callable[[Array], Array]  # scores (runs, languages) -> values (runs,)


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

    def half_width(self, runs: float) -> float:
        """Half of the 95% t interval of a value whose variance is that of one run divided by `runs`."""
        return float(t_factor(self.df)) * self.sd / float(np.sqrt(runs))


@dataclass(frozen=True, slots=True)
class Repeats:
    """Groups of repeated runs by (study, task, metric): mean scores by language, one mapping a run."""

    groups: Mapping[tuple[str, str, str], tuple[tuple[Mapping[str, float], ...], ...]]

    def spread(self, data: CurveData, measure: Measure) -> Spread | None:
        """Spread of a measure of scores whose columns are the curve's languages; None without repeated runs."""
        languages = data.roles.languages
        values = [
            measure(np.array([[run[code] for code in languages] for run in group]))
            for group in self.groups.get(_task(data), ())
            if all(code in run for run in group for code in languages)
        ]
        return pooled(values)

    def spread_over(self, data: CurveData, codes: Sequence[str]) -> Spread | None:
        """Spread of the mean over some of the curve's languages.

        One language alone takes the root of the mean variance over all languages: its own few repeats may agree by
        chance. Languages of one run are not independent and add no degrees of freedom.
        """
        if len(codes) > 1:
            where = [data.roles.languages.index(code) for code in codes]
            return self.spread(data, lambda scores: scores[:, where].mean(axis=1))
        each = [self.spread(data, itemgetter((slice(None), k))) for k in range(len(data.roles.languages))]
        known = [one for one in each if one is not None]
        if not known:
            return None
        sd, low, high = (
            float(np.sqrt(np.mean([getattr(one, name) ** 2 for one in known]))) for name in ("sd", "low", "high")
        )
        return replace(known[0], sd=sd, low=low, high=high, largest=max(one.largest for one in known))


def find_repeats(curves: Sequence[CurveData]) -> Repeats:
    """Repeated runs of the curves; a run that several curves share counts once."""
    found: dict[tuple[str, str, str], dict[tuple[object, ...], dict[object, Mapping[str, float]]]] = {}
    for data in curves:
        for n in data.counts:
            runs = found.setdefault(_task(data), {}).setdefault(_mixture(data, n), {})
            for key, scores in _runs(data, data.place(n)).items():
                runs.setdefault(key, scores)
    return Repeats(
        {
            task: tuple(tuple(runs.values()) for runs in groups.values() if len(runs) > 1)
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


def joint_error(item_error: Array, run_error: Array, run_df: float, item_df: float = np.inf) -> tuple[Array, Array]:
    """Standard error of a value with both kinds of noise, and its degrees of freedom.

    Satterthwaite (1946), Biometrics Bulletin 2, equation 17. `item_df` is infinite for an error from resamples.
    """
    items, runs = item_error**2, run_error**2
    with np.errstate(divide="ignore", invalid="ignore"):
        df = (items + runs) ** 2 / (items**2 / item_df + runs**2 / run_df)
    return np.sqrt(items + runs), np.where(np.isnan(df), np.inf, df)


def pooled(values: Sequence[Array]) -> Spread | None:
    """Pooled standard deviation within groups, each (runs,); None without two runs in any group."""
    used = [group for group in values if len(group) > 1 and np.isfinite(group).all()]
    if not used:
        return None
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in used)
    runs = sum(len(group) for group in used)
    df = runs - len(used)
    tail = (1 - LEVEL) / 2
    low, high = (float(np.sqrt(squares / chdtri(df, p))) for p in (tail, 1 - tail))
    return Spread(
        sd=float(np.sqrt(squares / df)),
        low=low,
        high=high,
        df=df,
        groups=len(used),
        runs=runs,
        largest=max(float(np.ptp(group)) for group in used),
    )


def _task(data: CurveData) -> tuple[str, str, str]:
    return data.identity["study"], data.identity["task"], data.identity["metric"]


def _mixture(data: CurveData, n: int) -> tuple[object, ...]:
    """What repeated runs share. At n = 0 that is no matter of the curve: only English was trained on."""
    if n > 0:
        return data.id, n
    return data.identity["model"], data.identity["setting"], data.rows[data.counts.index(0)]


def _runs(data: CurveData, place: int) -> dict[object, Mapping[str, float]]:
    """Mean score by language of each run at one point. In a store a run is known by its label; a table of scores
    has no labels that hold across curves, so there it is known by its scores."""
    sample = data.sample
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (sample.scores[:, :, place].sum(axis=1) / sample.mask.sum(axis=0)).round(12)
    scored = [k for k in range(means.shape[1]) if sample.present[place, k]]
    runs = [{data.roles.languages[k]: float(run[k]) for k in scored} for run in means]
    keys = data.runs if data.identity["study"] else [tuple(sorted(run.items())) for run in runs]
    return dict(zip(keys, runs, strict=True))
