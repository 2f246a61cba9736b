"""What a whole curve comes to, as it stands in statistics.json: gains, plateau, correlation, changes by script."""

import numpy as np

from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import RELATIVE, Kind, Measure
from clt.statistics.curve.measures import plateau
from clt.statistics.curve.metric_range import curve_means, metric_range
from clt.statistics.curve.points import ENGLISH_ZERO, NO_BASELINE, NO_SCORE, why_empty
from clt.statistics.curve.schema import Gain, Partial, Plateau, ScriptGroup, Spearman
from clt.statistics.inference.correlation import RankCorrelation, rank_correlation
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import DIGITS, At, at_point, number, undefined

MARGIN_SHARE = 0.02  # of the metric's range: an improvement below it is no reason to pay for more data


def last_change(data: CurveData, measured: CurveEstimates, group: str) -> At:
    """The change of the mean over a group of languages, from n = 0 to the largest n."""
    last, change = int(data.has_base) + len(data.sample_sizes) - 1, Measure(Kind.CHANGE, group)
    estimate = measured.estimate(change, last, why_empty(data, change))
    if data.baseline_index == last:
        estimate = undefined("the curve has no point besides n = 0")
    return at_point(estimate, data.sample_sizes[-1])


def script_group(data: CurveData, measured: CurveEstimates, script: str) -> ScriptGroup:
    """What happened to the languages in Latin script (`latin`) or in others (`non_latin`)."""
    return ScriptGroup(
        languages=list(data.roles.groups()[script]),
        change=last_change(data, measured, script),
        seen_change=last_change(data, measured, f"trained_{script}"),
        unseen_change=last_change(data, measured, f"held_out_{script}"),
    )


def gain_of(data: CurveData, measured: CurveEstimates, gain: Measure) -> Gain:
    """The largest improvement of a level over n = 0, raw and, for R, S and U, cross-fitted."""
    is_relative = gain.level == RELATIVE
    reason = NO_BASELINE if data.baseline_index is None else ENGLISH_ZERO if is_relative else NO_SCORE
    raw = measured.estimate(gain, 0, reason)
    known = raw.value is not None
    if gain.kind is Kind.GAIN:
        undefined_n = "chosen n or n = 0 undefined, by itself or in a half of the items" if known else reason
        why = undefined_n if data.has_items else "needs scores per item"
        fitted_gain = Measure(Kind.CROSS_FITTED, gain.group)
        fitted = measured.estimate(fitted_gain, 0, why)
        resolvable = measured.resolved(fitted_gain, 0) if fitted.low is not None else None
    else:
        fitted, resolvable = undefined("computed for R, S and U"), None
    return Gain(
        **dict(at_point(raw, data.sample_sizes[measured.gain_at[gain]] if known else None)),
        unit="percentage points" if is_relative else "score",
        cross_fitted=fitted,
        resolvable=resolvable,
    )


def plateau_of(data: CurveData, measured: CurveEstimates, group: str) -> Plateau:
    """The n after which a group, trained or held_out, improves no more by the margin."""
    margin = round(MARGIN_SHARE * _span(data, measured), DIGITS)
    index = plateau(measured.step_bounds[group], len(data.sample_sizes), margin)
    reason = None if index is not None else f"unresolved: {_why_no_plateau(data, measured, group)}"
    return Plateau(at=None if index is None else data.sample_sizes[index], margin=margin, reason=reason)


def _span(data: CurveData, measured: CurveEstimates) -> float:
    """The metric's range; where it is not known or has no end, that of the curve's means."""
    low, high = metric_range(measured, data)
    if np.isfinite(high - low):
        return high - low
    means = curve_means(measured, data)
    return float(np.ptp(means)) if len(means) else 0.0


def _why_no_plateau(data: CurveData, measured: CurveEstimates, group: str) -> str:
    bounds, level = measured.step_bounds[group], Measure(Kind.LEVEL, group)
    if len(data.sample_sizes) < 2:
        return "needs two points or more"
    if not np.isfinite(measured.value[level]).any():
        return why_empty(data, level)
    if not bounds:
        return "needs scores per item (two items or more) or repeated runs"
    if not np.isfinite(list(bounds.values())).all():
        return f"{NO_SCORE}, or a later improvement of the margin is not excluded"
    return "a later improvement of the margin is not excluded"


def spearman_of(data: CurveData, measured: CurveEstimates) -> Spearman:
    """S against U over the points of the curve; every point is a run of its own (the mean of its seeds)."""
    start = int(data.has_base)
    trained, held_out, n = (
        [np.array([value]) for value in values]
        for values in (
            measured.value[Measure(Kind.LEVEL, "trained")][start:],
            measured.value[Measure(Kind.LEVEL, "held_out")][start:],
            data.sample_sizes,
        )
    )
    return spearman_document(
        rank_correlation(trained, held_out),
        rank_correlation(trained, held_out, given=n),
        n=len(data.sample_sizes),
        over="points of the curve",
    )


def spearman_document(correlation: RankCorrelation, partial: RankCorrelation, *, n: int, over: str) -> Spearman:
    return Spearman(
        value=number(correlation.value),
        p=number(correlation.p),
        method=correlation.method,
        n=n,
        over=over,
        partial=Partial(value=number(partial.value), p=number(partial.p), method=partial.method, reason=partial.reason),
        reason=correlation.reason,
    )
