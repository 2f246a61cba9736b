"""What a whole curve comes to, as it stands in statistics.json: gains, plateau, correlation, changes by script."""

import numpy as np

from clt.statistics.curve.estimates import GAINED, CurveEstimates
from clt.statistics.curve.measures import plateau
from clt.statistics.curve.metric_range import curve_means, metric_range
from clt.statistics.curve.points import ENGLISH_ZERO, NO_SCORE, NO_ZERO, why_empty
from clt.statistics.curve.schema import Gain, Partial, Plateau, ScriptGroup, Spearman
from clt.statistics.inference.correlation import RankCorrelation, rank_correlation
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import DIGITS, At, at_point, number, undefined

MARGIN_SHARE = 0.02  # of the metric's range: an improvement below it is no reason to pay for more data


def last_change(data: CurveData, measured: CurveEstimates, name: str, reason: str) -> At:
    at = int(data.has_base) + len(data.counts) - 1
    found = measured.estimate(f"change:{name}", at, reason or why_empty(data, f"change:{name}"))
    if data.zero == at:
        found = undefined("the curve has no point besides n = 0")
    return at_point(found, data.counts[-1])


def script_group(data: CurveData, measured: CurveEstimates, name: str) -> ScriptGroup:
    return ScriptGroup(
        languages=list(data.roles.groups()[name]),
        change=last_change(data, measured, name, ""),
        seen_change=last_change(data, measured, f"seen_{name}", ""),
        unseen_change=last_change(data, measured, f"unseen_{name}", ""),
    )


def gain_of(data: CurveData, measured: CurveEstimates, name: str) -> Gain:
    reason = NO_ZERO if data.zero is None else ENGLISH_ZERO if name == "relative" else NO_SCORE
    raw = measured.estimate(f"gain:{name}", 0, reason)
    known = raw.value is not None
    if name in GAINED:
        undefined_n = "chosen n or n = 0 undefined, by itself or in a half of the items" if known else reason
        why = undefined_n if data.has_items else "needs scores per item"
        fitted = measured.estimate(f"cross_fitted:{name}", 0, why)
        resolvable = measured.resolved(f"cross_fitted:{name}", 0) if fitted.low is not None else None
    else:
        fitted, resolvable = undefined("computed for R, S and U"), None
    return Gain(
        **dict(at_point(raw, data.counts[measured.gain_at[name]] if known else None)),
        unit="percentage points" if name == "relative" else "score",
        cross_fitted=fitted,
        resolvable=resolvable,
    )


def plateau_of(data: CurveData, measured: CurveEstimates, name: str) -> Plateau:
    margin = round(MARGIN_SHARE * _span(data, measured), DIGITS)
    at = plateau(measured.step_bounds[name], len(data.counts), margin)
    reason = None if at is not None else f"unresolved: {_why_no_plateau(data, measured, name)}"
    return Plateau(at=None if at is None else data.counts[at], margin=margin, reason=reason)


def _span(data: CurveData, measured: CurveEstimates) -> float:
    """The metric's range; where it is not known or has no end, that of the curve's means."""
    low, high = metric_range(measured, data)
    if np.isfinite(high - low):
        return high - low
    means = curve_means(measured, data)
    return float(np.ptp(means)) if len(means) else 0.0


def _why_no_plateau(data: CurveData, measured: CurveEstimates, name: str) -> str:
    bounds = measured.step_bounds[name]
    if len(data.counts) < 2:
        return "needs two points or more"
    if not np.isfinite(measured.value[name]).any():
        return why_empty(data, name)
    if not bounds:
        return "needs scores per item (two items or more) or repeated runs"
    if not np.isfinite(list(bounds.values())).all():
        return f"{NO_SCORE}, or a later improvement of the margin is not excluded"
    return "a later improvement of the margin is not excluded"


def spearman_of(data: CurveData, measured: CurveEstimates) -> Spearman:
    """S against U over the points of the curve; every point is a run of its own (the mean of its seeds)."""
    start = int(data.has_base)
    seen, unseen, n = (
        [np.array([value]) for value in values]
        for values in (measured.value["seen"][start:], measured.value["unseen"][start:], data.counts)
    )
    return spearman_document(
        rank_correlation(seen, unseen),
        rank_correlation(seen, unseen, given=n),
        n=len(data.counts),
        over="points of the curve",
    )


def spearman_document(found: RankCorrelation, partial: RankCorrelation, *, n: int, over: str) -> Spearman:
    return Spearman(
        value=number(found.value),
        p=number(found.p),
        method=found.method,
        n=n,
        over=over,
        partial=Partial(value=number(partial.value), p=number(partial.p), method=partial.method, reason=partial.reason),
        reason=found.reason,
    )
