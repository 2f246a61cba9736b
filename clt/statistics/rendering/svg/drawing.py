"""One drawing: inline in the page, alone in a file, or beside others in a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from clt.statistics.rendering.style import standalone_style

CAPTION = 14  # space above each drawing of a grid, for a line
GAP = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """SVG elements without their frame, in units of about a pixel on a phone."""

    width: float
    height: float
    text: str  # alternative text: what the drawing shows, with its key numbers
    body: str
    font: int = 12

    def inline(self, *, natural: bool = False) -> Markup:
        """For the page, whose style sheet colours it; `natural`: in its own size, not that of its place.

        Nothing in it needs escaping: the chart functions have done it.
        """
        width, height = length(self.width), length(self.height)
        size = f' width="{width}" height="{height}"' if natural else ""
        return Markup(
            f'<svg{size} viewBox="0 0 {width} {height}" role="img" '
            f'aria-label="{escape(self.text)}" font-size="{self.font}">{self.body}</svg>'
        )

    def standalone(self) -> str:
        """A file that opens on its own, in a browser or in a paper, with its style and a background."""
        width, height = length(self.width + 2 * GAP), length(self.height + 2 * GAP)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{-GAP} {-GAP} '
            f'{width} {height}" role="img" font-size="{self.font}"><title>{escape(self.text)}</title>'
            f"<style>{standalone_style()}</style>"
            f'<rect class="page" x="{-GAP}" y="{-GAP}" width="{width}" height="{height}"/>{self.body}</svg>\n'
        )


Figure = tuple[str, Drawing]  # name of a file, without its ending, and what it holds


def grid(cells: Sequence[tuple[str, Drawing]], columns: int, text: str, legend: str = "") -> Drawing:
    """Drawings of one size side by side, each under its caption of a line or more; `legend` is drawn above them."""
    columns = min(columns, len(cells))
    lines = max(len(caption.splitlines()) for caption, _ in cells)
    width, height = cells[0][1].width + GAP, cells[0][1].height + lines * CAPTION + GAP
    top = 22 if legend else 0
    parts = [legend]
    for k, (caption, drawing) in enumerate(cells):
        x, y = (k % columns) * width, top + (k // columns) * height
        for line, text_of_line in enumerate(caption.splitlines()):
            parts.append(label(text_of_line, x + 4, y + 11 + line * CAPTION, "" if line else "name", size=11))
        parts.append(
            f'<svg x="{length(x)}" y="{length(y + lines * CAPTION)}" width="{length(drawing.width)}" '
            f'height="{length(drawing.height)}" font-size="{drawing.font}">{drawing.body}</svg>'
        )
    rows = -(-len(cells) // columns)
    return Drawing(width=columns * width - GAP, height=top + rows * height - GAP, text=text, body="".join(parts))


def label(text: str, x: float, y: float, style: str = "", *, anchor: str = "start", size: int | None = None) -> str:
    """A text element; `style` is name (strong) or empty (soft)."""
    named = f' class="{style}"' if style else ""
    sized = f' font-size="{size}"' if size else ""
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{named} x="{length(x)}" y="{length(y)}"{anchored}{sized}>{escape(text)}</text>'


def length(value: float) -> str:
    """A length with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")
