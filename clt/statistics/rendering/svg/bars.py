"""Shares of a whole: one stacked bar, and a bar for each of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from clt.statistics.rendering.svg.drawing import Drawing, label, length

WIDTH, ROW, STACK = 360, 20, 26
LETTER = 6.6  # about the width of one
STYLES = ("first", "second", "third", "fourth")  # by order: fill and pattern of the outline tell them apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    label: str
    share: float  # 0 to 1
    order: int  # from 1: the part of the stacked bar that it belongs to


def bars(stack: Sequence[Bar], parts: Sequence[Bar], *, text: str) -> Drawing:
    """`stack` in one bar of full width, with its key below; under it a bar for each of `parts`, on a common scale."""
    drawn, x = [], 0.0
    whole = max(1.0, sum(max(bar.share, 0) for bar in stack))  # shares of an unbalanced design may add up to more
    for bar in stack:
        width = max(bar.share, 0) / whole * WIDTH
        drawn.append(_rectangle(bar, x, 0, width, STACK))
        if width > 40:
            drawn.append(label(_percent(bar.share), x + width / 2, 17, f"on-{_style(bar)}", anchor="middle"))
        x += width
    y = STACK + 6.0
    for k, bar in enumerate(stack):
        left, top = (k % 2) * WIDTH / 2, y + (k // 2) * 18
        drawn.append(_rectangle(bar, left, top, 12, 12))
        drawn.append(label(f"{bar.label} {_percent(bar.share)}", left + 18, top + 10, "name"))
    y += -(-len(stack) // 2) * 18 + 8
    longest = max((bar.share for bar in parts), default=1.0) or 1.0
    names = LETTER * max((len(bar.label) for bar in parts), default=0) + 8
    for bar in parts:
        width = max(bar.share, 0) / longest * (WIDTH - names - 48)
        drawn.append(label(bar.label, names - 6, y + 13, anchor="end", size=11))
        drawn.append(_rectangle(bar, names, y + 3, width, ROW - 7))
        drawn.append(label(_percent(bar.share), names + width + 5, y + 13, "name"))
        y += ROW
    return Drawing(width=WIDTH, height=y + 2, text=text, body="".join(drawn))


def _rectangle(bar: Bar, x: float, y: float, width: float, height: float) -> str:
    box = f'x="{length(x)}" y="{length(y)}" width="{length(width)}" height="{length(height)}"'
    return f'<rect class="bar {_style(bar)}" {box}/>'


def _style(bar: Bar) -> str:
    return STYLES[min(bar.order, len(STYLES)) - 1]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%".replace("-", "−")
