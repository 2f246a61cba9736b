"""What happens over the checkpoints of a run: when S and U make their rise, and whether U comes later.

A trajectory, one n of one curve over its checkpoints, is itself a curve whose points are optimizer steps, so the same
measures and resamples serve it. All steps share the resampled items: the lag is paired.
"""

from collections.abc import Iterator, Mapping
from functools import reduce

import numpy as np
import pandas as pd

from clt.statistics.analyses.dynamics.schema import Dynamics, DynamicsPoint, PooledSpearman
from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import LAG, Kind, Measure
from clt.statistics.curve.measures import group_means
from clt.statistics.curve.points import why_empty
from clt.statistics.curve.schema import published
from clt.statistics.curve.summaries import spearman_document
from clt.statistics.inference.bootstrap import (
    draw,
    fewest_clusters,
    grouped,
    jackknife_means,
    plain_means,
    resampled_means,
)
from clt.statistics.inference.correlation import rank_correlation
from clt.statistics.inference.intervals import bootstrap_bounds, percentile_bounds
from clt.statistics.scores.curve_data import CURVE, CurveData, curves
from clt.statistics.scores.sample import Sample
from clt.statistics.scores.table import ScoreTable
from clt.statistics.values import Estimate, undefined

LEVELS = [Measure(Kind.LEVEL, group) for group in ("english", "trained", "held_out")]
TIMED = ("trained", "held_out")  # groups whose half steps are compared
FEWEST_POINTS = 3  # with two there is nothing between the first and the last
TRAJECTORY = [*CURVE, "samples_per_language"]
BASE = ["study", "task", "metric", "model"]  # what a base model's scores have in common with a curve's
SEED = ["seed", "repeat"]  # what tells the runs of a trained point apart
WITHIN_NOISE = "within noise: the change from the first point to the last is 0 or its interval includes 0"
Array = np.ndarray


def dynamics(table: ScoreTable) -> list[Dynamics]:
    """One document for every n, curve and metric with three points or more, sorted by curve and n."""
    documents = [_dynamics(n, data) for n, data in _trajectories(table)]
    return sorted(documents, key=lambda document: (document.curve, document.samples_per_language))


def pooled_spearman(table: ScoreTable) -> list[PooledSpearman]:
    """S against U over all checkpoints, n and runs of each curve that has more of them than points.

    p is from permuting whole runs among runs with as many checkpoints. So that runs of different n, which train for
    different numbers of steps, can change places, each gives as many checkpoints as the shortest, evenly spread.
    """
    trained = table.rows[table.rows["setting"] != "base"]
    others = table.checkpoints.groupby(CURVE, observed=True).indices
    documents = [
        _pooled(pd.concat([selected, table.checkpoints.iloc[others[key]]]) if key in others else selected)
        for key, selected in trained.groupby(CURVE, observed=True, sort=True)
    ]
    return [document for document in documents if document is not None]


def half_steps(values: Array, steps: Array) -> Array:
    """Steps at which values (..., steps) first reach the middle between their first and their last; axes (...).

    Linear between checkpoints. NaN where first and last are equal. The same for rising and falling values.
    """
    first, last = values[..., :1], values[..., -1:]
    change = np.where(np.abs(last - first) < 1e-12, np.nan, last - first)
    progress = (values - first) / change  # from 0 to 1
    after = np.asarray(progress >= 0.5).argmax(axis=-1)[..., None]
    after = np.maximum(after, 1)  # 0 only where progress is NaN
    low, high = (np.take_along_axis(progress, at, axis=-1)[..., 0] for at in (after - 1, after))
    left, right = (steps[at[..., 0]] for at in (after - 1, after))
    return np.asarray(left + (0.5 - low) / (high - low) * (right - left))


def _trajectories(table: ScoreTable) -> Iterator[tuple[int, CurveData]]:
    """n and its curve over the steps, for every n with three points or more; the base model is step 0."""
    stepped = table.checkpoints[table.checkpoints["checkpoint"].notna()]
    selected = table.rows.groupby(TRAJECTORY, observed=True).indices
    bases = table.rows[table.rows["setting"] == "base"]
    base_of = bases.groupby(BASE, observed=True).indices
    for key, others in stepped.groupby(TRAJECTORY, observed=True, sort=True):
        rows = pd.concat([table.rows.iloc[selected.get(key, [])], others])
        rows = rows[rows["checkpoint"].isin(_common_steps(rows))]
        base = bases.iloc[base_of.get(tuple(others[BASE].iloc[0]), [])]
        if (rows["checkpoint"] == 0).any():  # the run's own scores before its first step
            base = base.iloc[:0]
        if len(rows) and rows["checkpoint"].nunique() + bool(len(base)) >= FEWEST_POINTS:
            points = rows.assign(samples_per_language=rows["checkpoint"])
            yield int(others["samples_per_language"].iloc[0]), next(curves(pd.concat([points, base])))


def _common_steps(rows: pd.DataFrame) -> set[float]:
    return reduce(set.intersection, (set(run.unique()) for _, run in rows.groupby(SEED, observed=True)["checkpoint"]))


def _dynamics(n: int, data: CurveData) -> Dynamics:
    steps = (0, *data.sample_sizes) if data.has_base else data.sample_sizes
    levels, timing = _measured(data, np.array(steps, dtype=float))
    why = {group: _why_no_half(data, timing, group) for group in TIMED}
    lag = _timed(timing, LAG, why["trained"] or why["held_out"])
    return Dynamics(
        curve=data.id,
        samples_per_language=n,
        metric=data.identity["metric"],
        runs=list(data.runs),
        items=len(data.sample.items) if data.has_items else 0,
        covers=_covered(data),
        points=[
            DynamicsPoint(
                step=step,
                **{published(level.group): levels.estimate(level, index, why_empty(data, level)) for level in LEVELS},
            )
            for index, step in enumerate(steps)
        ],
        half_seen=_timed(timing, Measure(Kind.HALF_STEP, "trained"), why["trained"]),
        half_unseen=_timed(timing, Measure(Kind.HALF_STEP, "held_out"), why["held_out"]),
        lag=lag,
        answer=_answer(lag),
    )


def _measured(data: CurveData, steps: Array) -> tuple[CurveEstimates, CurveEstimates]:
    """EN, S and U over the steps, and when S and U make half of their change."""
    sample = grouped(data.sample)
    resampled = data.has_items and len(sample.items) > 1
    resamples = group_means(resampled_means(sample, draw(sample)), data.roles) if resampled else None
    jackknife = None if not resampled else group_means(jackknife_means(sample), data.roles)
    plain = group_means(plain_means(data.sample), data.roles)
    why_none = "none: one item" if data.has_items else "none: only means"
    if resamples is None or jackknife is None:
        return (
            _with_bounds(_levels(plain), None, None, sample, why_none),
            _with_bounds(_timing(plain, steps), None, None, sample, why_none),
        )
    return (
        _with_bounds(_levels(plain), _levels(resamples), _levels(jackknife), sample, why_none),
        # percentile bounds: a first crossing is not smooth
        _with_bounds(_timing(plain, steps), _timing(resamples, steps), None, sample, why_none),
    )


def _levels(groups: Mapping[str, Array]) -> dict[Measure, Array]:
    return {level: groups[level.group] for level in LEVELS}


def _timing(groups: Mapping[str, Array], steps: Array) -> dict[Measure, Array]:
    """Changes and half steps of S and U and the lag of U, axes (..., 1), from group means (..., steps)."""
    changes = {Measure(Kind.CHANGE, group): groups[group][..., -1:] - groups[group][..., :1] for group in TIMED}
    halves = {group: half_steps(groups[group], steps)[..., None] for group in TIMED}
    half_steps_of = {Measure(Kind.HALF_STEP, group): half for group, half in halves.items()}
    return changes | half_steps_of | {LAG: halves["held_out"] - halves["trained"]}


def _with_bounds(
    value: dict[Measure, Array],
    resamples: dict[Measure, Array] | None,
    jackknife: dict[Measure, Array] | None,
    sample: Sample,
    why_none: str,
) -> CurveEstimates:
    low, high, error = ({name: np.full(array.shape, np.nan) for name, array in value.items()} for _ in range(3))
    method = {name: np.full(array.shape, why_none, dtype=object) for name, array in value.items()}
    for name, drawn in (resamples or {}).items():
        if jackknife is not None:
            ends = bootstrap_bounds(value[name], drawn, jackknife[name], fewest_clusters(sample))
        else:
            ends = percentile_bounds(value[name], drawn, fewest_clusters(sample))
        alike = ends.error <= 1e-12  # where every resample gives the same, the bootstrap sees no spread
        low[name], high[name] = np.where(alike, np.nan, ends.low), np.where(alike, np.nan, ends.high)
        method[name] = np.where(np.isfinite(ends.low), ends.method, "none: undefined in too many resamples")
        method[name][alike] = "none: constant scores" if jackknife is not None else "none: all items give the same"
        error[name] = ends.error
    return CurveEstimates(value, low, high, error, method, {}, {})


def _why_no_half(data: CurveData, timing: CurveEstimates, group: str) -> str:
    """Why S or U has no half of its change; empty if there is one."""
    measure = Measure(Kind.CHANGE, group)
    change = timing.value[measure][0]
    if not np.isfinite(change):
        return why_empty(data, measure.level)
    low, high = timing.low[measure][0], timing.high[measure][0]
    # an end of 0 is seldom exactly 0: sums of resampled scores differ in the last bit
    return WITHIN_NOISE if abs(change) < 1e-12 or (low < 1e-12 and high > -1e-12) else ""


def _timed(timing: CurveEstimates, measure: Measure, why_not: str) -> Estimate:
    """A half step or the lag; undefined for that reason, if there is one."""
    return undefined(why_not) if why_not else timing.estimate(measure, 0)


def _covered(data: CurveData) -> str:
    if not data.has_items:
        return "none: the input holds only means"
    return "items; conditional on the seeds"


def _answer(lag: Estimate) -> str:
    if lag.value is None:
        return "undefined"
    if lag.low is None or lag.high is None:
        return "no interval"
    return "lags" if lag.low > 0 else "leads" if lag.high < 0 else "not resolved"


def _pooled(rows: pd.DataFrame) -> PooledSpearman | None:
    """The correlation over all of one curve's scores; None if there is one for every n at most."""
    names = ["samples_per_language", *SEED, "checkpoint"]
    rows = _once_a_seed(rows)
    places = rows.groupby(names, observed=True, dropna=False, sort=True).ngroup()
    firsts = rows.assign(place=places).drop_duplicates("place").sort_values("place")
    if len(firsts) <= firsts["samples_per_language"].nunique():
        return None
    data = next(curves(rows.assign(samples_per_language=places, seed="0", repeat="")))
    groups = group_means(plain_means(data.sample), data.roles)
    runs = _evenly([np.array(run) for run in firsts.groupby(names[:3], observed=True)["place"].agg(list)])
    trained, held_out, n = (
        [values[run] for run in runs]
        for values in (groups["trained"], groups["held_out"], firsts["samples_per_language"].to_numpy(dtype=float))
    )
    identity = data.identity
    checkpoints = f"{len(runs[0])} checkpoint{'s' if len(runs[0]) > 1 else ''}"
    return PooledSpearman(
        **{name: identity[name] for name in ("study", "model", "setting", "task", "metric", "mixture")},
        train_languages=[data.roles.english, *data.roles.trained],
        spearman=spearman_document(
            rank_correlation(trained, held_out),
            rank_correlation(trained, held_out, given=n),
            n=sum(int((np.isfinite(x) & np.isfinite(y)).sum()) for x, y in zip(trained, held_out, strict=True)),
            over=f"{checkpoints} of each of {len(runs)} runs at {firsts['samples_per_language'].nunique()} n",
        ),
    )


def _once_a_seed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows without further repeats of a seed: they are no further runs."""
    if rows["repeat"].nunique() < 2:
        return rows
    runs = rows[["samples_per_language", *SEED]].astype({"repeat": "str"}).drop_duplicates().sort_values("repeat")
    return rows.merge(runs.drop_duplicates(["samples_per_language", "seed"]))


def _evenly(runs: list[Array]) -> list[Array]:
    """As many places of each run as the shortest has, evenly spread and with the last."""
    fewest = min(map(len, runs))
    return [run[np.arange(1, fewest + 1) * len(run) // fewest - 1] for run in runs]
