"""All measures of one curve with their intervals: scores in, arrays of values and ends out."""

import numpy as np
from scipy.special import ndtr

from clt.statistics.curve.curve_gain import add_cross_fitted
from clt.statistics.curve.estimates import CHANGED, GAINED, CurveEstimates
from clt.statistics.curve.measure import GAP, HELD_OUT_CHANGE, RELATIVE, TRAINED_CHANGE, TRANSFER_SHARE, Kind, Measure
from clt.statistics.curve.measures import best_gain, best_point, change, group_means, relative, transfer_share
from clt.statistics.curve.proportions import mend_constant, use_wilson
from clt.statistics.inference.bootstrap import (
    RESAMPLES,
    draw,
    fewest_clusters,
    grouped,
    jackknife_means,
    plain_means,
    resampled_means,
)
from clt.statistics.inference.intervals import bootstrap_bounds, hesterberg_quantile, small_sample
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.roles import Roles

Array = np.ndarray


def measure(data: CurveData, resamples: int = RESAMPLES) -> CurveEstimates:
    """Every measure of one curve.

    Steps: means of the scores, of all resamples and of the jackknife go through the same measures; ends are BCa,
    except for raw gains (a maximum is not smooth: percentile). Intervals cover what the items leave open; what another
    run would have scored is added by `run_noise_intervals`.
    """
    sample = data.sample
    plain = plain_means(sample)
    why_none = _no_interval(data)
    if why_none:
        value = _measures(plain, data, _english_is_defined(plain, None))
        gain_at = _gain_at(value, data)
        value |= {Measure(Kind.CROSS_FITTED, name): np.full(1, np.nan) for name in GAINED}
        none = {name: np.full(array.shape, np.nan) for name, array in value.items()}
        method = {name: np.full(array.shape, why_none, dtype=object) for name, array in value.items()}
        low, high, error = ({name: array.copy() for name, array in none.items()} for _ in range(3))
        return CurveEstimates(value, low, high, error, method, gain_at, {"trained": {}, "held_out": {}})
    clusters = grouped(sample)
    boot = resampled_means(clusters, draw(clusters, resamples))
    defined = _english_is_defined(plain, boot)
    value, resampled, left_out = (_measures(means, data, defined) for means in (plain, boot, jackknife_means(clusters)))
    left_out |= {name: np.full(array.shape, np.nan) for name, array in left_out.items() if name.is_gain}
    count = fewest_clusters(clusters)
    steps = {
        group: _step_bounds(resampled[Measure(Kind.LEVEL, group)], data, count) for group in ("trained", "held_out")
    }
    ends = bootstrap_bounds(_joined(value), _joined(resampled), _joined(left_out), count)
    errors = small_sample(count) * ends.error
    method_of = np.where(np.isfinite(ends.low), ends.method, _why_lost(data))
    low, high, error, method = (_parted(end, value) for end in (ends.low, ends.high, errors, method_of))
    df = {name: np.full(array.shape, count - 1.0) for name, array in value.items()}
    result = CurveEstimates(value, low, high, error, method, _gain_at(value, data), steps, df)
    add_cross_fitted(result, data, defined, count - 1)
    mend_constant(result, data)
    use_wilson(result, data)
    return result


def _no_interval(data: CurveData) -> str:
    if not data.has_items:
        return "none: only means"
    if not len(data.sample.items):
        return "none: no items"
    return "none: one item" if min(data.sample.mask.sum(axis=0).max(), len(data.sample.items)) < 2 else ""


def _why_lost(data: CurveData) -> str:
    """Why some measure has no interval where others have one."""
    single = bool((data.sample.mask.sum(axis=0) == 1).any())
    return "none: a language has one item" if single else "none: undefined in too many resamples"


def _english_is_defined(plain: Array, boot: Array | None) -> Array:
    """At which points R may be computed: EN is not 0, nor is 0 inside its interval. Axes (points,)."""
    english = plain[..., 0]
    with np.errstate(invalid="ignore"):
        defined = np.abs(english) > 1e-12
        if boot is not None:
            ends = np.quantile(boot[..., 0], (0.025, 0.975), axis=0)
            defined &= (ends[0] > 1e-12) | (ends[1] < -1e-12)
    return defined


def levels(means: Array, roles: Roles, defined: Array) -> dict[Measure, Array]:
    """Every measure of a single point, axes (..., points), from means (..., points, languages)."""
    groups = group_means(means, roles)
    values = {Measure(Kind.LEVEL, group): mean for group, mean in groups.items()}
    with np.errstate(invalid="ignore"):
        values[RELATIVE] = np.where(defined, relative(groups["non_english"], groups["english"]), np.nan)
    values[GAP] = groups["trained"] - groups["held_out"]
    return values | {Measure(Kind.LANGUAGE, code): means[..., k] for k, code in enumerate(roles.languages)}


def _measures(means: Array, data: CurveData, defined: Array) -> dict[Measure, Array]:
    """Every measure, axes (..., points) or, for gains, (..., 1), from means (..., points, languages)."""
    values = levels(means, data.roles, defined)
    values |= {
        Measure(Kind.CHANGE, group): change(values[Measure(Kind.LEVEL, group)], data.baseline_index)
        for group in (*CHANGED, "relative")
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        values[TRANSFER_SHARE] = transfer_share(values[TRAINED_CHANGE], values[HELD_OUT_CHANGE])
    for gain in _gains(data):
        changes = _changes(values, gain, data)
        if not changes.shape[-1]:
            values[gain] = np.full((*means.shape[:-2], 1), np.nan)
            continue
        best = best_gain(changes, higher_is_better=data.higher_is_better)
        values[gain] = best[..., None] * (100 if gain.level == RELATIVE else 1)
    return values


def _gains(data: CurveData) -> list[Measure]:
    of_languages = (Measure(Kind.LANGUAGE_GAIN, code) for code in data.roles.languages)
    return [*(Measure(Kind.GAIN, group) for group in GAINED), *of_languages]


def _changes(values: dict[Measure, Array], gain: Measure, data: CurveData) -> Array:
    """Changes from n = 0, at the points after the base model, of what a gain is the largest of."""
    known = gain.kind is Kind.GAIN
    changes = values[Measure(Kind.CHANGE, gain.group)] if known else change(values[gain.level], data.baseline_index)
    return changes[..., int(data.has_base) :]


def _gain_at(value: dict[Measure, Array], data: CurveData) -> dict[Measure, int]:
    """Index of the point where each raw gain stands; empty for a base model alone."""
    if not data.sample_sizes:
        return {}
    changes = {gain: _changes(value, gain, data) for gain in _gains(data)}
    return {gain: best_point(each, higher_is_better=data.higher_is_better) for gain, each in changes.items()}


def _joined(measures: dict[Measure, Array]) -> Array:
    """All measures side by side, axes (..., statistics), each one's resamples contiguous in memory."""
    return np.concatenate([array.T for array in measures.values()]).T


def _parted(statistics: Array, like: dict[Measure, Array]) -> dict[Measure, Array]:
    """The reverse of `_joined`, for an array (statistics,)."""
    stops = np.cumsum([len(array) for array in like.values()])[:-1]
    return {name: part.copy() for name, part in zip(like, np.split(statistics, stops), strict=True)}


def _step_bounds(values: Array, data: CurveData, clusters: int) -> dict[tuple[int, int], float]:
    """Upper 97.5% bound of the improvement from each n to each later one; indices count from the first n."""
    sign = 1 if data.higher_is_better else -1
    curve = sign * values.T[int(data.has_base) :]
    earlier, later = np.triu_indices(len(curve), k=1)
    bounds = np.quantile(curve[later] - curve[earlier], ndtr(hesterberg_quantile(clusters)), axis=-1)
    return {(int(i), int(j)): float(bound) for i, j, bound in zip(earlier, later, bounds, strict=True)}
