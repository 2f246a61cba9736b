"""English, S and U against n with the fitted curves, out to four times the largest n."""

from collections.abc import Sequence

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.curves.figures import ROLES
from clt.statistics.analyses.response_curves.schema import ResponseCurve, ResponseCurvesPart
from clt.statistics.curve.schema import Curve
from clt.statistics.inference.response_prediction import REACH
from clt.statistics.rendering.formatting import plain, samples
from clt.statistics.rendering.svg import SMALL, Drawing, Figure, Series, line_chart, sample_axis

GROUPS = {style: name for name, style in ROLES}


def figures(part: ResponseCurvesPart, context: Context) -> list[Figure]:
    """A chart for every curve of which any group has a fit."""
    of_curve: dict[str, list[ResponseCurve]] = {}
    for response in part.response_curves:
        if response.group in GROUPS:
            of_curve.setdefault(response.curve, []).append(response)
    return [
        (f"response-{context.names.anchors[curve]}", _chart(context.names.curves[curve], responses, context))
        for curve, responses in of_curve.items()
        if any(response.expected for response in responses)
    ]


def _chart(curve: Curve, responses: Sequence[ResponseCurve], context: Context) -> Drawing:
    at = [point.samples_per_language for point in max((response.expected for response in responses), key=len)]
    tried = [point.samples_per_language or 0 for point in curve.points]
    labels = [samples(round(n)) if n in (*tried, 2 * tried[-1], REACH * tried[-1]) else "" for n in at]
    form = plain(2)
    said = "; ".join(
        f"{GROUPS[response.group]} {form(end.value)}"
        for response in responses
        for end in response.expected[-1:]
        if end.value is not None
    )
    text = f"Fitted curves: {context.names.full(curve)}. Expected at n = {at[-1]:g}: {said}."
    series = [each for response in responses for each in _series(curve, response, len(at))]
    return line_chart(series, sample_axis(at, labels), text=text, frame=SMALL)


def _series(curve: Curve, response: ResponseCurve, count: int) -> list[Series]:
    """The scores of a group, and where it has a fit, that with its band; `count` places on the axis."""
    nothing: list[float | None] = [None] * count
    scores = [getattr(point, response.group).value for point in curve.points] + nothing[len(curve.points) :]
    name, style = GROUPS[response.group], response.group
    points = Series(name=name, style=style, values=scores, low=nothing, high=nothing, drawn="points")
    if not response.expected:
        return [points]
    values, low, high = ([getattr(point, end) for point in response.expected] for end in ("value", "low", "high"))
    return [Series(name=name, style=style, values=values, low=low, high=high, drawn="fit"), points]
