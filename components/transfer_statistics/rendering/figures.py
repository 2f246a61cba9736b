"""The figures of one curve, as SVG text."""

from collections.abc import Callable, Sequence

from components.transfer_statistics.rendering.svg import SMALL, Series, line_chart, value_range
from components.transfer_statistics.schema import Curve, Estimate, Point


def curve_figures(curve: Curve) -> dict[str, str]:
    """EN, S and U against n; R; the gap; every language; keyed by what they show (`language:CODE` for the last)."""
    points = ([curve.base] if curve.base else []) + curve.points
    labels = [_label(point) for point in points]
    apart = curve.base is not None
    what = f"{curve.task}, {curve.model}, {curve.setting.replace('_', ' ')}, {curve.metric.replace('_', ' ')}"

    def chart(title: str, series: Sequence[Series], reference: float | None = None) -> str:
        return line_chart(series, labels, title=f"{title}: {what}", first_apart=apart, reference=reference)

    means = [
        _series("English", "english", points, lambda p: p.english),
        _series("S, trained", "seen", points, lambda p: p.seen),
        _series("U, held out", "unseen", points, lambda p: p.unseen),
    ]
    figures = {
        "means": chart("English, mean of trained and mean of held-out languages against n", means),
        "relative": chart(
            "Relative multilingual performance R against n",
            [_series("R", "other", points, lambda p: p.relative)],
            1.0 if _near(points, 1.0) else None,
        ),
        "gap": chart(
            "Gap between trained and held-out languages against n",
            [_series("S − U", "other", points, lambda p: p.gap)],
            0.0,
        ),
    }
    return figures | _languages(curve, points, labels, what)


def _languages(curve: Curve, points: list[Point], labels: list[str], what: str) -> dict[str, str]:
    """One small chart a language on one common scale; the style is the language's role."""
    series = {}
    for code in points[0].per_language:
        style = "english" if code == curve.train_languages[0] else "seen" if code in curve.train_languages else "unseen"
        series[code] = _series(code, style, points, _pick(code))
    scale = value_range(list(series.values()))
    return {
        f"language:{code}": line_chart(
            [one], labels, title=f"{code} against n: {what}", y_range=scale, frame=SMALL,
            first_apart=curve.base is not None,
        )
        for code, one in series.items()
    }  # fmt: skip


def _pick(code: str) -> Callable[[Point], Estimate]:
    return lambda point: point.per_language[code]


def _label(point: Point) -> str:
    n = point.samples_per_language
    if n is None:
        return "base"
    return f"{n // 1000}k" if n >= 1000 and n % 1000 == 0 else f"{n / 1000:g}k" if n >= 1000 else str(n)


def _series(name: str, style: str, points: Sequence[Point], pick: Callable[[Point], Estimate]) -> Series:
    found = [pick(point) for point in points]
    return Series(
        name=name,
        style=style,
        values=[one.value for one in found],
        low=[one.low for one in found],
        high=[one.high for one in found],
    )


def _near(points: Sequence[Point], value: float) -> bool:
    """Whether a reference line would stand close enough to the curve to be worth its room."""
    ends = [end for p in points for end in (p.relative.value, p.relative.high) if end is not None]
    return bool(ends) and max(ends) > 0.8 * value
