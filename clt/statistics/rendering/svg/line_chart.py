"""Line charts with bands.

Series are told apart by colour (Okabe-Ito), by line style and by marker, so that neither print nor colour blindness
loses them. Points stand at their true places on the x axis; a base model stands apart on the left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from clt.statistics.rendering.svg.axes import Frame, Scale, XAxis, round_range, ticks_between, x_axis, y_axis
from clt.statistics.rendering.svg.drawing import Drawing, label, length

LEGEND = 16  # space above the chart for its keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line: y values over the axis positions, with an interval each where there is one; None leaves a gap."""

    name: str
    style: str  # english, seen, unseen, other: colour, line style and marker
    values: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    drawn: str = "line"  # line: line, band, markers and whiskers; fit: line and band; points: markers and whiskers


def line_chart(
    series: Sequence[Series],
    axis: XAxis,
    *,
    text: str,
    y_range: tuple[float, float] | None = None,
    frame: Frame | None = None,
    reference: float | None = None,
    y_unit: str = "",
) -> Drawing:
    """Lines over the points of an axis; where the first of them stands apart, it is not joined to the others.

    `reference` draws a thin horizontal line, such as 0 for a difference or 1 for a ratio. `y_unit` follows the numbers
    of the y axis. Several series in a frame of full size get a legend.
    """
    frame = frame or Frame()
    low, high = y_range or value_range(series, reference)
    x = axis.positions(frame)

    def y(value: float) -> float:
        share = (value - low) / (high - low)
        return frame.height - frame.bottom - share * (frame.height - frame.bottom - frame.top)

    ticks = {tick: f"{text}{y_unit}" for tick, text in ticks_between(low, high, frame.ticks).items()}
    parts = y_axis(ticks, y, frame) + x_axis(axis, frame)
    if reference is not None and low <= reference <= high:
        parts.append(f'<path class="reference" d="M{frame.left} {length(y(reference))}H{frame.width - frame.right}"/>')
    start = int(axis.first_apart)
    for line in series:
        parts += _band(line, x, y, start)
    for line in series:
        parts += _line(line, x, y, start, frame.marker)
    body = "".join(parts)
    above = LEGEND if len(series) > 1 and frame.bottom >= 30 else 0
    if above:
        body = f'{legend(series, frame.left)}<g transform="translate(0 {above})">{body}</g>'
    return Drawing(width=frame.width, height=frame.height + above, text=text, body=body, font=frame.font)


def legend(series: Sequence[Series], left: float) -> str:
    """A key a series, in one row."""
    parts, x = [], left
    for line in series:
        parts.append(f'<path class="line {line.style}" d="M{length(x)} 8h26"/>{_marker(line.style, x + 13, 8)}')
        parts.append(label(line.name, x + 31, 12, "name"))
        x += 45 + 6.6 * len(line.name)
    return "".join(parts)


def value_range(series: Sequence[Series], reference: float | None = None) -> tuple[float, float]:
    """Range of all values and interval ends, widened to round numbers; never empty."""
    known = [v for line in series for part in (line.values, line.low, line.high) for v in part if v is not None]
    return round_range(known if reference is None else [*known, reference])


def _band(line: Series, x: list[float], y: Scale, start: int) -> list[str]:
    parts = []
    run: list[tuple[float, float, float]] = []
    ends = [*zip(x, line.low, line.high, strict=True)][start:]
    for place, low, high in [*ends, (0.0, None, None)]:
        if low is not None and high is not None:
            run.append((place, low, high))
            continue
        if len(run) > 1 and line.drawn != "points":
            there = "L".join(f"{length(p)} {length(y(b))}" for p, _, b in run)
            back = "L".join(f"{length(p)} {length(y(a))}" for p, a, _ in reversed(run))
            parts.append(f'<path class="band {line.style}" d="M{there}L{back}Z"/>')
        run = []
    if line.drawn == "fit":
        return parts
    whiskers = [
        f"M{length(place)} {length(y(low))}V{length(y(high))}"
        for place, low, high in zip(x, line.low, line.high, strict=True)
        if low is not None and high is not None
    ]
    return [*parts, f'<path class="whisker {line.style}" d="{"".join(whiskers)}"/>'] if whiskers else parts


def _line(line: Series, x: list[float], y: Scale, start: int, size: float) -> list[str]:
    points = [(p, y(v)) if v is not None else None for p, v in zip(x, line.values, strict=True)]
    path, pen = "", "M"
    for point in points[start:]:
        if point is None:
            pen = "M"
            continue
        path += f"{pen}{length(point[0])} {length(point[1])}"
        pen = "L"
    parts = [f'<path class="line {line.style}" d="{path}"/>'] if path and line.drawn != "points" else []
    if line.drawn == "fit":
        return parts
    return parts + [_marker(line.style, *point, size) for point in points if point is not None]


def _marker(style: str, x: float, y: float, size: float = 1.0) -> str:
    r = size * 3
    if style == "seen":
        shape = f"M{length(x - r)} {length(y - r)}h{length(2 * r)}v{length(2 * r)}h-{length(2 * r)}z"
    elif style == "unseen":
        shape = f"M{length(x)} {length(y - 1.3 * r)}l{length(1.3 * r)} {length(2.3 * r)}h-{length(2.6 * r)}z"
    elif style == "other":
        step = length(1.3 * r)
        shape = f"M{length(x)} {length(y - 1.3 * r)}l{step} {step}l-{step} {step}l-{step} -{step}z"
    else:
        return f'<circle class="dot {style}" cx="{length(x)}" cy="{length(y)}" r="{length(1.05 * r)}"/>'
    return f'<path class="dot {style}" d="{shape}"/>'
