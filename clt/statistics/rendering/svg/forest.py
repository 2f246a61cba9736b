"""Forest plots: intervals on one axis, a row each, the label above its line so that both fit on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from clt.statistics.rendering.svg.axes import Scale, round_range, ticks_between
from clt.statistics.rendering.svg.drawing import Drawing, label, length

WIDTH, ROW, HEADING, EDGE = 360.0, 34, 28, 14
LETTER = 6.0  # about the width of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One row. Without a value it is a heading, or says in `note` why there is none."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""  # at the right of the label, such as the number
    style: str = "other"  # other (filled diamond), raw (hollow circle, thin line) or mean (large diamond)
    heading: bool = False


def forest(rows: Sequence[Interval], *, text: str, x_title: str, reference: float = 0.0) -> Drawing:
    """Wider than a phone only if a label and its note need the space."""
    ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
    low, high = round_range([*ends, reference])
    width = max([WIDTH, *(LETTER * (len(row.label) + len(row.note) + 3) for row in rows)])

    def x(value: float) -> float:
        return EDGE + (value - low) / (high - low) * (width - 2 * EDGE)

    ticks = ticks_between(low, high, 8)
    parts, y = [], 0.0
    for row in rows:
        if row.heading:
            parts.append(label(row.label, 0, y + 19, "name", size=13))
            y += HEADING
            continue
        parts.append(label(row.label, 0, y + 10, "name" if row.style == "mean" else "", size=11))
        parts.append(label(row.note, width, y + 10, "name", anchor="end", size=11))
        parts.append(f'<path class="grid" d="{"".join(f"M{length(x(tick))} {length(y + 14)}v16" for tick in ticks)}"/>')
        parts.append(f'<path class="reference" d="M{length(x(reference))} {length(y + 14)}v16"/>')
        parts += _mark(row, x, y + 22)
        y += ROW
    parts += [label(name, x(tick), y + 12, anchor="middle", size=11) for tick, name in ticks.items()]
    parts.append(label(x_title, width / 2, y + 28, anchor="middle", size=11))
    return Drawing(width=width, height=y + 32, text=text, body="".join(parts))


def _mark(row: Interval, x: Scale, y: float) -> list[str]:
    parts = []
    if row.low is not None and row.high is not None:
        parts.append(
            f'<path class="interval {row.style}" d="M{length(x(row.low))} {length(y)}H{length(x(row.high))}"/>'
        )
    if row.value is not None and row.style == "raw":
        parts.append(f'<circle class="hollow" cx="{length(x(row.value))}" cy="{length(y)}" r="3.6"/>')
    elif row.value is not None:
        size = 6 if row.style == "mean" else 4
        parts.append(
            f'<path class="dot {row.style}" d="M{length(x(row.value))} {length(y - size)}'
            f'l{size} {size}l-{size} {size}l-{size} -{size}z"/>'
        )
    return parts
