"""Line charts as SVG text: small, the same bytes every time, coloured by the page's style sheet in light and dark.

Series are told apart by colour (Okabe-Ito), by line style and by marker, so that neither print nor colour blindness
loses them. The n axis has one position per point (n = 0 has no logarithm); a base model stands apart on the left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

Scale = Callable[[float], float]  # a value to its place on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line: y values over the axis positions, with an interval each where there is one; None leaves a gap."""

    name: str
    style: str  # english, seen, unseen, other: colour, line style and marker
    values: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Size of a chart in its own units (about a pixel each on a phone)."""

    width: int = 360
    height: int = 230
    left: int = 44
    right: int = 10
    top: int = 12
    bottom: int = 34
    ticks: int = 5
    font: int = 12


SMALL = Frame(width=170, height=118, left=34, right=6, top=6, bottom=20, ticks=3, font=10)


def line_chart(
    series: Sequence[Series],
    labels: Sequence[str],
    *,
    title: str,
    y_range: tuple[float, float] | None = None,
    frame: Frame | None = None,
    first_apart: bool = False,
    reference: float | None = None,
    x_title: str = "samples per language",
) -> str:
    """An SVG element. `first_apart`: the first position is the base model, not joined to the others.

    `reference` draws a thin horizontal line, such as 0 for a difference or 1 for a ratio.
    """
    frame = frame or Frame()
    low, high = y_range or value_range(series, reference)
    x = _positions(len(labels), frame, first_apart)
    ticks = nice_ticks(low, high, frame.ticks)

    def y(value: float) -> float:
        share = (value - low) / (high - low)
        return frame.height - frame.bottom - share * (frame.height - frame.bottom - frame.top)

    parts = [
        f'<svg viewBox="0 0 {frame.width} {frame.height}" role="img" aria-label="{escape(title)}" '
        f'font-size="{frame.font}"><title>{escape(title)}</title>'
    ]
    parts += _y_axis(ticks, y, frame)
    parts += _x_axis(labels, x, frame, x_title)
    if reference is not None and low <= reference <= high:
        parts.append(f'<path class="reference" d="M{frame.left} {_f(y(reference))}H{frame.width - frame.right}"/>')
    start = int(first_apart)
    for one in series:
        parts += _band(one, x, y, start)
    for one in series:
        parts += _line(one, x, y, start)
    parts.append("</svg>")
    return "".join(parts)


def value_range(series: Sequence[Series], reference: float | None = None) -> tuple[float, float]:
    """Range of all values and interval ends, widened to round numbers; never empty."""
    found = [v for one in series for part in (one.values, one.low, one.high) for v in part if v is not None]
    if reference is not None:
        found.append(reference)
    if not found:
        return 0.0, 1.0
    low, high = min(found), max(found)
    if high - low < 1e-9:
        low, high = low - 0.05 * max(1.0, abs(low)), high + 0.05 * max(1.0, abs(high))
    step = _nice_step((high - low) / 5)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers within the range, about `count` of them."""
    step = _nice_step((high - low) / max(count - 1, 1))
    first = int(np.ceil(low / step - 1e-9))
    return [k * step for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _nice_step(raw: float) -> float:
    power = 10.0 ** np.floor(np.log10(raw))
    return float(next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9)))


def _positions(count: int, frame: Frame, first_apart: bool) -> list[float]:
    steps = max(count - 1, 1) + (0.4 if first_apart else 0)
    inner = frame.width - frame.left - frame.right - 16
    places = [k + (0.4 if first_apart and k else 0) for k in range(count)]
    return [frame.left + 8 + inner * place / steps for place in places]


def _f(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _y_axis(ticks: list[float], y: Scale, frame: Frame) -> list[str]:
    decimals = 0
    while decimals < 4 and any(abs(round(tick, decimals) - tick) > 1e-9 for tick in ticks):
        decimals += 1
    parts = []
    for tick in ticks:
        at = _f(y(tick))
        parts.append(f'<path class="grid" d="M{frame.left} {at}H{frame.width - frame.right}"/>')
        label = f"{tick + 0.0:.{decimals}f}".replace("-", "−")
        parts.append(f'<text x="{frame.left - 5}" y="{_f(y(tick) + 4)}" text-anchor="end">{label}</text>')
    return parts


def _x_axis(labels: Sequence[str], x: list[float], frame: Frame, x_title: str) -> list[str]:
    room = (frame.width - frame.left - frame.right) / max(len(labels), 1)
    widest = max((len(label) for label in labels), default=1) * frame.font * 0.62
    every = max(1, int(np.ceil(widest / room)))
    at = frame.height - frame.bottom
    parts = [f'<path class="axis" d="M{frame.left} {at}H{frame.width - frame.right}"/>']
    last = len(labels) - 1
    for k, label in enumerate(labels):
        # the last label is always shown, so the one before it may have to go
        if k == last or (k % every == 0 and last - k >= every):
            anchor = "end" if k == last and every > 1 else "middle"
            parts.append(
                f'<text x="{_f(x[k])}" y="{at + frame.font + 2}" text-anchor="{anchor}">{escape(label)}</text>'
            )
    if frame.bottom >= 30:
        middle = (frame.left + frame.width - frame.right) / 2
        parts.append(f'<text x="{_f(middle)}" y="{frame.height - 4}" text-anchor="middle">{escape(x_title)}</text>')
    return parts


def _band(one: Series, x: list[float], y: Scale, start: int) -> list[str]:
    parts = []
    run: list[tuple[float, float, float]] = []
    ends = [*zip(x, one.low, one.high, strict=True)][start:]
    for place, low, high in [*ends, (0.0, None, None)]:
        if low is not None and high is not None:
            run.append((place, low, high))
            continue
        if len(run) > 1:
            there = "L".join(f"{_f(p)} {_f(y(b))}" for p, _, b in run)
            back = "L".join(f"{_f(p)} {_f(y(a))}" for p, a, _ in reversed(run))
            parts.append(f'<path class="band {one.style}" d="M{there}L{back}Z"/>')
        run = []
    for place, low, high in zip(x, one.low, one.high, strict=True):
        if low is not None and high is not None:
            parts.append(f'<path class="whisker {one.style}" d="M{_f(place)} {_f(y(low))}V{_f(y(high))}"/>')
    return parts


def _line(one: Series, x: list[float], y: Scale, start: int) -> list[str]:
    points = [(p, y(v)) if v is not None else None for p, v in zip(x, one.values, strict=True)]
    path, pen = "", "M"
    for point in points[start:]:
        if point is None:
            pen = "M"
            continue
        path += f"{pen}{_f(point[0])} {_f(point[1])}"
        pen = "L"
    parts = [f'<path class="line {one.style}" d="{path}"/>'] if path else []
    return parts + [_marker(one.style, *point) for point in points if point is not None]


def _marker(style: str, x: float, y: float) -> str:
    if style == "seen":
        return f'<rect class="dot {style}" x="{_f(x - 3)}" y="{_f(y - 3)}" width="6" height="6"/>'
    if style == "unseen":
        shape = f"M{_f(x)} {_f(y - 4)}l4 7h-8z"
    elif style == "other":
        shape = f"M{_f(x)} {_f(y - 4)}l4 4l-4 4l-4 -4z"
    else:
        return f'<circle class="dot {style}" cx="{_f(x)}" cy="{_f(y)}" r="3.2"/>'
    return f'<path class="dot {style}" d="{shape}"/>'
