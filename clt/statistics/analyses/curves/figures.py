"""The figures of one curve."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.curve.schema import Curve, Point
from clt.statistics.rendering.formatting import percent, plain, samples, words
from clt.statistics.rendering.svg import (
    SMALL,
    Cell,
    Drawing,
    Series,
    XAxis,
    grid,
    heat_map,
    line_chart,
    sample_axis,
    value_range,
)
from clt.statistics.rendering.svg.line_chart import legend
from clt.statistics.values import Estimate

SHORT = plain(2)  # cells and alternative texts are short; the tables hold more
ROLES = (("English", "english"), ("S, trained", "seen"), ("U, held out", "unseen"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveFigures:
    means: Drawing  # EN, S and U against n
    panel: Drawing  # the same, small, on the scale of the task's other curves
    relative: Drawing  # R against n
    gap: Drawing
    heat: Drawing  # language by n
    languages: dict[str, Drawing]  # one small chart a language, on one scale

    def by_kind(self) -> dict[str, Drawing]:
        """What becomes a file each."""
        together = grid([*self.languages.items()], 4, f"Every language against n. {self.heat.text}", legend(_keys(), 0))
        return {
            "means": self.means,
            "relative": self.relative,
            "gap": self.gap,
            "heat": self.heat,
            "languages": together,
        }


def draw_curves(statistics: Statistics) -> dict[str, CurveFigures]:
    """The figures of every curve by its id; the small ones of a task and metric share their scale."""
    outliers: dict[str, set[tuple[str, int]]] = {}
    for outlier in getattr(statistics, "outliers", ()):  # of a choice of analyses without them
        outliers.setdefault(outlier.curve, set()).add((outlier.language, outlier.samples_per_language))
    ranges = {}
    for key in sorted({(curve.task, curve.metric) for curve in statistics.curves}):
        alike = [curve for curve in statistics.curves if (curve.task, curve.metric) == key]
        ranges[key] = value_range([series for curve in alike for series in means_of(curve)])
    return {
        curve.id: curve_figures(curve, ranges[curve.task, curve.metric], outliers.get(curve.id, set()))
        for curve in statistics.curves
    }


def curve_figures(
    curve: Curve, panel_range: tuple[float, float], outliers: Collection[tuple[str, int]]
) -> CurveFigures:
    """`outliers` are pairs of language and n; they are marked in the heat map."""
    points = points_of(curve)
    axis = axis_of(curve)
    what = f"{words(curve.task)}, {curve.model}, {words(curve.setting)}, {words(curve.metric)}"
    means = means_of(curve)
    said = "; ".join(_moved(name, series, axis, curve) for (name, _), series in zip(ROLES, means, strict=True))
    return CurveFigures(
        means=line_chart(means, axis, text=f"Means against n: {what}. {said}."),
        panel=line_chart(means, axis, text=f"{what}. {said}.", y_range=panel_range, frame=SMALL),
        relative=_relative(points, axis, what),
        gap=_gap(points, axis, what),
        heat=_heat(curve, points, axis.labels, what, outliers),
        languages=_languages(curve, points, axis),
    )


def axis_of(curve: Curve) -> XAxis:
    """The n of the points, after the base model if there is one."""
    sample_sizes = [point.samples_per_language or 0 for point in curve.points]
    labels = [samples(point.samples_per_language) for point in points_of(curve)]
    return sample_axis(sample_sizes, labels, first_apart=curve.base is not None)


def points_of(curve: Curve) -> list[Point]:
    return ([curve.base] if curve.base else []) + curve.points


def means_of(curve: Curve) -> list[Series]:
    points = points_of(curve)
    return [_series(name, style, [getattr(point, style) for point in points]) for name, style in ROLES]


def _keys() -> list[Series]:
    return [Series(name=name, style=style, values=(), low=(), high=()) for name, style in ROLES]


def _series(name: str, style: str, estimates: Sequence[Estimate]) -> Series:
    return Series(
        name=name,
        style=style,
        values=[estimate.value for estimate in estimates],
        low=[estimate.low for estimate in estimates],
        high=[estimate.high for estimate in estimates],
    )


def _moved(name: str, series: Series, axis: XAxis, curve: Curve) -> str:
    """From the first point to the last, in words."""
    first, start, end = int(curve.base is not None), series.values[curve.base is not None], series.values[-1]
    labels = axis.labels
    if start is None or end is None:
        return f"{name} undefined"
    return f"{name} {SHORT(start)} at n = {labels[first]}, {SHORT(end)} at n = {labels[-1]}"


def _relative(points: Sequence[Point], axis: XAxis, what: str) -> Drawing:
    series = _in_percent(_series("R", "other", [point.relative for point in points]))
    values = [point.relative.value for point in points]
    defined = [(value, label) for value, label in zip(values, axis.labels, strict=True) if value is not None]
    said = "undefined at every n"
    if defined:
        best = max(defined)
        said = f"{percent(defined[0][0])} at n = {defined[0][1]}, highest {percent(best[0])} at n = {best[1]}"
    near = any(end is not None and end > 80 for end in (*series.values, *series.high))
    return line_chart(
        [series],
        axis,
        text=f"Relative multilingual performance R against n: {what}. {said}.",
        reference=100.0 if near else None,
        y_unit="%",
    )


def _in_percent(series: Series) -> Series:
    low, high, values = (
        [None if share is None else 100 * share for share in part] for part in (series.low, series.high, series.values)
    )
    return replace(series, values=values, low=low, high=high)


def _gap(points: Sequence[Point], axis: XAxis, what: str) -> Drawing:
    series = _series("S − U", "other", [point.gap for point in points])
    last = series.values[-1]
    said = "undefined" if last is None else f"{plain(3)(last)} at n = {axis.labels[-1]}"
    text = f"Gap between trained and held-out languages against n: {what}. {said}."
    return line_chart([series], axis, text=text, reference=0.0)


def _heat(
    curve: Curve, points: Sequence[Point], labels: Sequence[str], what: str, outliers: Collection[tuple[str, int]]
) -> Drawing:
    scores = {
        (code, k): estimate.value
        for k, point in enumerate(points)
        for code, estimate in point.per_language.items()
        if estimate.value is not None
    }
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=1.0)

    def cell(code: str, k: int) -> Cell:
        value, point = scores.get((code, k)), points[k]
        return Cell(
            text="n/a" if value is None else SHORT(value),
            strength=None if value is None or high - low < 1e-9 else (value - low) / (high - low),
            underlined=point.exposure.get(code) == "seen",
            marked=(code, point.samples_per_language) in outliers,
        )

    said = ""
    if scores:
        top, bottom = max(scores, key=lambda key: scores[key]), min(scores, key=lambda key: scores[key])
        said = (
            f" Highest {SHORT(scores[top])} ({top[0]}, n = {labels[top[1]]}), "
            f"lowest {SHORT(scores[bottom])} ({bottom[0]}, n = {labels[bottom[1]]})."
        )
    if outliers:
        said += " Outliers: " + ", ".join(f"{code} at n = {n}" for code, n in sorted(outliers)) + "."
    rows = [(code, [cell(code, k) for k in range(len(points))]) for code in points[0].per_language]
    return heat_map(rows, labels, text=f"Score of every language at every n: {what}.{said}", corner="n")


def _languages(curve: Curve, points: Sequence[Point], axis: XAxis) -> dict[str, Drawing]:
    """One small chart a language on one common scale; the style is the language's role."""
    series = {}
    for code in points[0].per_language:
        style = "english" if code == curve.train_languages[0] else "seen" if code in curve.train_languages else "unseen"
        series[code] = _series(code, style, [_of(code)(point) for point in points])
    scale = value_range(list(series.values()))
    return {
        code: line_chart([line], axis, text=_moved(code, line, axis, curve), y_range=scale, frame=SMALL)
        for code, line in series.items()
    }


def _of(code: str) -> Callable[[Point], Estimate]:
    return lambda point: point.per_language[code]
