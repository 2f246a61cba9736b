"""All measures of one curve with their intervals: scores in, arrays of values and ends out."""

import numpy as np

from components.transfer_statistics.curve.curve_gain import add_cross_fitted
from components.transfer_statistics.curve.estimates import CHANGED, GAINED, Measured
from components.transfer_statistics.curve.measures import (
    best_gain,
    change,
    group_means,
    relative,
    transfer_share,
)
from components.transfer_statistics.curve.proportions import mend_constant, use_wilson
from components.transfer_statistics.curve.resampling import (
    draw,
    jackknife_means,
    plain_means,
    resampled_means,
)
from components.transfer_statistics.curve.uncertainty import bootstrap_ends
from components.transfer_statistics.scores.curve_data import CurveData
from components.transfer_statistics.scores.roles import Roles

Array = np.ndarray


def measure(data: CurveData) -> Measured:
    """Every measure of one curve.

    Steps: means of the scores, of 10,000 resamples and of the jackknife go through the same measures; ends are BCa,
    except for raw gains (a maximum is not smooth: percentile) and where seeds are resampled too (percentile).
    """
    sample = data.sample
    plain = plain_means(sample)
    why_none = _no_interval(data)
    if why_none:
        value, gain_at = _measures(plain, data, _english_is_defined(plain, None))
        value |= {f"cross_fitted:{name}": np.full(1, np.nan) for name in GAINED}
        none = {name: np.full(array.shape, np.nan) for name, array in value.items()}
        method = {name: np.full(array.shape, why_none, dtype=object) for name, array in value.items()}
        return Measured(value, none, none, none, method, gain_at, {"seen": {}, "unseen": {}})
    weights = draw(sample)
    boot = resampled_means(sample, weights)
    defined = _english_is_defined(plain, boot)
    value, gain_at = _measures(plain, data, defined)
    resamples, _ = _measures(boot, data, defined)
    jackknife = None if sample.resamples_runs else _measures(jackknife_means(sample), data, defined)[0]
    steps = {name: _step_bounds(resamples[name], data) for name in ("seen", "unseen")}
    result = _with_ends(value, resamples, jackknife, gain_at, steps)
    add_cross_fitted(result, data, weights, defined)
    mend_constant(result, data)
    use_wilson(result, data)
    return result


def _no_interval(data: CurveData) -> str:
    if not data.has_items:
        return "none: only means"
    if not len(data.sample.items):
        return "none: no items"
    return "none: one item" if min(data.sample.mask.sum(axis=0).max(), len(data.sample.items)) < 2 else ""


def _english_is_defined(plain: Array, boot: Array | None) -> Array:
    """At which points R may be computed: EN is not 0, nor is 0 inside its interval. Axes (points,)."""
    english = plain[..., 0]
    with np.errstate(invalid="ignore"):
        defined = np.abs(english) > 1e-12
        if boot is not None:
            ends = np.quantile(boot[..., 0], (0.025, 0.975), axis=0)
            defined &= (ends[0] > 1e-12) | (ends[1] < -1e-12)
    return defined


def levels(means: Array, roles: Roles, defined: Array) -> dict[str, Array]:
    """Every measure of a single point by name, axes (..., points), from means (..., points, languages)."""
    found = group_means(means, roles)
    with np.errstate(invalid="ignore"):
        found["relative"] = np.where(defined, relative(found["non_english"], found["english"]), np.nan)
    found["gap"] = found["seen"] - found["unseen"]
    return found | {f"language:{code}": means[..., k] for k, code in enumerate(roles.languages)}


def _measures(means: Array, data: CurveData, defined: Array) -> tuple[dict[str, Array], dict[str, int]]:
    """Every measure by name, axes (..., points) or, for gains, (..., 1), from means (..., points, languages)."""
    found = levels(means, data.roles, defined)
    found |= {f"change:{name}": change(found[name], data.zero) for name in CHANGED}
    with np.errstate(invalid="ignore", divide="ignore"):
        found["share"] = transfer_share(found["change:seen"], found["change:unseen"])
    gain_at: dict[str, int] = {}
    for name in (*GAINED, *(f"language:{code}" for code in data.roles.languages)):
        start = int(data.has_base)
        changes = change(found[name], data.zero)[..., start:]
        if not changes.shape[-1]:
            found[f"gain:{name}"] = np.full((*means.shape[:-2], 1), np.nan)
            continue
        best, at = best_gain(changes, higher_is_better=data.higher_is_better)
        found[f"gain:{name}"] = best[..., None] * (100 if name == "relative" else 1)
        if means.ndim == 2:
            gain_at[name] = int(at)
    return found, gain_at


def _with_ends(
    value: dict[str, Array],
    resamples: dict[str, Array],
    jackknife: dict[str, Array] | None,
    gain_at: dict[str, int],
    steps: dict[str, dict[tuple[int, int], float]],
) -> Measured:
    low: dict[str, Array] = {}
    high: dict[str, Array] = {}
    error: dict[str, Array] = {}
    method: dict[str, Array] = {}
    for smooth in (True, False):
        names = [name for name in value if name.startswith("gain:") != smooth]
        joined = [np.concatenate([part[name] for name in names], axis=-1) for part in (value, resamples)]
        left_out = np.concatenate([jackknife[name] for name in names], axis=-1) if jackknife and smooth else None
        ends = bootstrap_ends(joined[0], joined[1], left_out)
        stops = np.cumsum([len(value[name]) for name in names])[:-1]
        for target, array in ((low, ends.low), (high, ends.high), (error, ends.error), (method, ends.method)):
            target.update(zip(names, (part.copy() for part in np.split(array, stops)), strict=True))
    return Measured(value, low, high, error, method, gain_at, steps)


def _step_bounds(values: Array, data: CurveData) -> dict[tuple[int, int], float]:
    """Upper 97.5% bound of the improvement from each n to each later one; indices count from the first n."""
    sign = 1 if data.higher_is_better else -1
    curve = values[:, int(data.has_base) :]
    pairs = [(i, j) for i in range(curve.shape[1]) for j in range(i + 1, curve.shape[1])]
    return {(i, j): float(np.quantile(sign * (curve[:, j] - curve[:, i]), 0.975)) for i, j in pairs}
