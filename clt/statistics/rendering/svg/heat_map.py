"""Heat maps with their numbers in the cells: colour is never the only carrier."""

from collections.abc import Sequence
from dataclasses import dataclass

from clt.statistics.rendering.svg.drawing import Drawing, label, length

HEIGHT, HEAD = 22, 20
STRONGEST = 0.7  # opacity: black and white text both stay readable on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    text: str
    strength: float | None  # -1 to 1: below 0 in the second colour; None: not coloured
    underlined: bool = False
    marked: bool = False  # outlined, with an exclamation mark
    outlined: bool = False


def heat_map(
    rows: Sequence[tuple[str, Sequence[Cell]]], columns: Sequence[str], *, text: str, corner: str, narrow: float = 34.0
) -> Drawing:
    """`rows` are names with a cell for each column; `corner` says what the column heads are; `narrow`: of a column."""
    longest = max((len(cell.text) + 1.5 * cell.marked for _, cells in rows for cell in cells), default=4)
    width = max(narrow, 6.4 * longest + 8, 6.4 * max(len(name) for name in columns) + 6)
    left = max(30.0, 6.3 * max(len(name) for name in [*(name for name, _ in rows), corner]) + 6)
    parts = [label(corner, 0, 13)]
    parts += [label(name, left + (k + 0.5) * width, 13, anchor="middle") for k, name in enumerate(columns)]
    y = float(HEAD)
    for name, cells in rows:
        parts.append(label(name, 0, y + 15, "name"))
        for k, cell in enumerate(cells):
            parts.append(_cell(cell, left + k * width, y, width))
        y += HEIGHT
    total = left + len(columns) * width
    return Drawing(width=total, height=y + 2, text=text, body="".join(parts), font=11)


def _cell(cell: Cell, x: float, y: float, width: float) -> str:
    strength = cell.strength or 0.0
    style = "negative" if strength < 0 else "heat"
    box = f'x="{length(x + 0.5)}" y="{length(y + 0.5)}" width="{length(width - 1)}" height="{HEIGHT - 1}"'
    parts = [f'<rect class="{style}" {box} fill-opacity="{STRONGEST * min(abs(strength), 1):.2f}"/>']
    if cell.underlined:
        parts.append(f'<path class="under" d="M{length(x + 2)} {length(y + HEIGHT - 2)}h{length(width - 4)}"/>')
    if cell.marked or cell.outlined:
        parts.append(f'<rect class="outlined" {box}/>')
    text = f"{cell.text} !" if cell.marked else cell.text
    parts.append(label(text, x + width / 2, y + 15, "name", anchor="middle"))
    return "".join(parts)
