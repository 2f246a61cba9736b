"""The forest plot of gains in relative performance."""

from collections.abc import Sequence

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.gains.schema import GainsPart, GroupGain
from clt.statistics.curve.schema import Curve
from clt.statistics.rendering.formatting import Names, points, samples, words
from clt.statistics.rendering.svg import Drawing, Figure, Interval, forest


def figures(part: GainsPart, context: Context) -> list[Figure]:
    """The forest plot, if there is any gain."""
    forest = _gain_forest(context.statistics.curves, part.gains_by_group, context.names)
    return [("gains", forest)] if forest else []


def _gain_forest(every: Sequence[Curve], groups: Sequence[GroupGain], names: Names) -> Drawing | None:
    """Gain of R of every curve, cross-fitted where it can be, with the mean of each task and metric; None without any.

    A gain of R in bits per byte and one in right answers are different quantities: they share no mean.
    """
    curves = [curve for curve in every if curve.main_metric and curve.gain.value is not None]
    if not curves:
        return None
    means = {
        (group.study, group.group, group.metric): group
        for group in groups
        if group.by == "task" and group.measure == "relative" and group.mean.value is not None
    }
    rows = []
    shown = {(curve.task, curve.metric) for curve in curves}
    for task, metric in sorted(shown):
        several = sum(task == other for other, _ in shown) > 1
        rows.append(Interval(label=f"{words(task)} ({words(metric)})" if several else words(task), heading=True))
        rows += [_row(curve, names) for curve in curves if (curve.task, curve.metric) == (task, metric)]
        rows += [_mean(mean) for (_, *of), mean in means.items() if of == [task, metric]]
    fitted = sum(curve.gain.cross_fitted.value is not None for curve in curves)
    largest = max(curves, key=lambda curve: curve.gain.value or 0.0)
    return forest(
        rows,
        text=(
            f"Gains of relative performance over n = 0 in {len(curves)} curves, {fitted} of them cross-fitted. "
            f"Largest: {points(largest.gain.value or 0.0)} points, {names.full(largest)}."
        ),
        x_title="gain of R, percentage points",
    )


def _row(curve: Curve, names: Names) -> Interval:
    gain, fitted = curve.gain, curve.gain.cross_fitted
    if fitted.value is not None:
        return Interval(
            label=names.short(curve), value=fitted.value, low=fitted.low, high=fitted.high, note=points(fitted.value)
        )
    note = f"raw {points(gain.value or 0.0)} at {samples(gain.at)}"
    return Interval(label=names.short(curve), value=gain.value, low=gain.low, high=gain.high, note=note, style="raw")


def _mean(group: GroupGain) -> Interval:
    mean = group.mean
    kind = "cross-fitted" if group.fitted else "raw"
    return Interval(
        label=f"mean of {group.curves}, {kind}", value=mean.value, low=mean.low, high=mean.high,
        note=points(mean.value or 0.0), style="mean",
    )  # fmt: skip
