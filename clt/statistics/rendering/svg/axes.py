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


@dataclass(frozen=True, slots=True, kw_only=True)
class XAxis:
    """Points at their true places, in any unit, rising. A first point that stands apart, a base model, has no place."""

    labels: Sequence[str]  # a text a point
    places: Sequence[float]
    title: str
    first_apart: bool = False

    def positions(self, frame: Frame) -> list[float]:
        """Where the points stand on the page."""
        start, end = frame.left + 8.0, frame.width - frame.right - 8.0
        apart = [start] if self.first_apart else []
        start += 0.14 * (end - start) if self.first_apart else 0.0
        span = max(self.places[-1] - self.places[0], 1e-9) if self.places else 1.0
        return apart + [start + (end - start) * (place - self.places[0]) / span for place in self.places]


def sample_axis(sample_sizes: Sequence[float], labels: Sequence[str], *, first_apart: bool = False) -> XAxis:
    """n on a true axis, where 0 has a place and small n stay apart: log(1 + n / the smallest n > 0)."""
    smallest = min((n for n in sample_sizes if n > 0), default=1.0)
    places = [math.log1p(n / smallest) for n in sample_sizes]
    return XAxis(labels=labels, places=places, title="samples per language, log scale from 0", first_apart=first_apart)


def y_axis(ticks: dict[float, str], y: Scale, frame: Frame) -> list[str]:
    grid = "".join(f"M{frame.left} {length(y(tick))}H{frame.width - frame.right}" for tick in ticks)
    texts = [label(text, frame.left - 5, y(tick) + 4, anchor="end") for tick, text in ticks.items()]
    return [f'<path class="grid" d="{grid}"/>', *texts]


def x_axis(axis: XAxis, frame: Frame) -> list[str]:
    """The line with a tick a point, as many labels as fit, and the title where the frame has space for one."""
    labels, x, at = axis.labels, axis.positions(frame), frame.height - frame.bottom
    ticks = "".join(f"M{length(place)} {at}v3" for place in x)
    parts = [f'<path class="axis" d="M{frame.left} {at}H{frame.width - frame.right}{ticks}"/>']
    parts += [
        label(labels[k], x[k], at + frame.font + 2, anchor=_anchor(labels[k], x[k], frame))
        for k in _labelled(labels, x, frame)
    ]
    if frame.bottom >= 30:
        middle = (frame.left + frame.width - frame.right) / 2
        parts.append(label(axis.title, middle, frame.height - 4, anchor="middle"))
    return parts


def _labelled(labels: Sequence[str], x: Sequence[float], frame: Frame) -> list[int]:
    """Which labels are written: the last, the first, then from the right all that touch none before them."""
    last = len(labels) - 1
    taken: dict[int, tuple[float, float]] = {}
    for k in dict.fromkeys([last, 0, *range(last - 1, 0, -1)]) if labels else ():
        left, right = _extent(labels[k], x[k], frame)
        if all(right < low or left > high for low, high in taken.values()):
            taken[k] = (left - frame.font / 2, right + frame.font / 2)
    return sorted(taken)


def _extent(text: str, x: float, frame: Frame) -> tuple[float, float]:
    width = _width(text, frame)
    return (x - width, x) if _anchor(text, x, frame) == "end" else (x - width / 2, x + width / 2)


def _anchor(text: str, x: float, frame: Frame) -> str:
    """A label that would leave the drawing ends at its point instead."""
    return "end" if x + _width(text, frame) / 2 > frame.width else "middle"


def _width(text: str, frame: Frame) -> float:
    return len(text) * frame.font * 0.62
