"""Axes: round ticks, and places for points and labels."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from clt.statistics.rendering.svg.drawing import label, length

Scale = Callable[[float], float]  # a value to its place on the page


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
    marker: float = 1.0  # size of a marker


SMALL = Frame(width=190, height=128, left=36, right=8, top=6, bottom=20, ticks=4, font=11, marker=0.7)


def round_range(values: Iterable[float]) -> tuple[float, float]:
    """The range of the values, widened to round numbers; never empty."""
    known = list(values)
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if high - low < 1e-9:
        low, high = low - 0.05 * max(1.0, abs(low)), high + 0.05 * max(1.0, abs(high))
    step = _round_step((high - low) / 5)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def ticks_between(low: float, high: float, count: int) -> dict[float, str]:
    """Round numbers within the range, about `count` of them, with their labels."""
    step = _round_step((high - low) / max(count - 1, 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [k * step for k in range(first, last + 1)]
    decimals = 0
    while decimals < 4 and any(abs(round(tick, decimals) - tick) > 1e-9 for tick in ticks):
        decimals += 1
    return {tick: f"{tick + 0.0:.{decimals}f}".replace("-", "−") for tick in ticks}


def _round_step(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))


def positions(count: int, frame: Frame, first_apart: bool) -> list[float]:
    """One place a point, evenly; a base model stands apart on the left."""
    steps = max(count - 1, 1) + (0.4 if first_apart else 0)
    inner = frame.width - frame.left - frame.right - 16
    places = [k + (0.4 if first_apart and k else 0) for k in range(count)]
    return [frame.left + 8 + inner * place / steps for place in places]


def y_axis(ticks: dict[float, str], y: Scale, frame: Frame) -> list[str]:
    grid = "".join(f"M{frame.left} {length(y(tick))}H{frame.width - frame.right}" for tick in ticks)
    texts = [label(text, frame.left - 5, y(tick) + 4, anchor="end") for tick, text in ticks.items()]
    return [f'<path class="grid" d="{grid}"/>', *texts]


def x_axis(labels: Sequence[str], x: list[float], frame: Frame, title: str) -> list[str]:
    """The line, as many labels as fit, and the title where the frame has space for one."""
    at = frame.height - frame.bottom
    parts = [f'<path class="axis" d="M{frame.left} {at}H{frame.width - frame.right}"/>']
    space = (frame.width - frame.left - frame.right) / max(len(labels), 1)
    widest = max((len(text) for text in labels), default=1) * frame.font * 0.62
    every = max(1, math.ceil(widest / space))
    last = len(labels) - 1
    for k, text in enumerate(labels):
        # the last label is always shown, ending where the axis does, so the one before it may have to go
        if k == last or (k % every == 0 and last - k >= (1.5 * every if every > 1 else 1)):
            anchor = "end" if k == last and every > 1 else "middle"
            parts.append(label(text, x[k], at + frame.font + 2, anchor=anchor))
    if frame.bottom >= 30:
        middle = (frame.left + frame.width - frame.right) / 2
        parts.append(label(title, middle, frame.height - 4, anchor="middle"))
    return parts
