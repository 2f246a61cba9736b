"""All figures of a report, drawn once: the page shows them, and the folder figures/ holds them under stable names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clt.statistics.analyses import ANALYSES, Analysis, Context, Statistics
from clt.statistics.rendering.svg import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSet:
    """The figures of every analysis, and the context in which they were drawn."""

    context: Context
    by_analysis: Mapping[Analysis[Any], Sequence[Figure]]

    def files(self) -> dict[str, str]:
        """File name to SVG text."""
        named = {name: drawing for figures in self.by_analysis.values() for name, drawing in figures}
        return {f"{name}.svg": drawing.standalone() for name, drawing in sorted(named.items())}


def draw(statistics: Statistics, analyses: tuple[Analysis[Any], ...] = ANALYSES) -> FigureSet:
    """Every figure of the analyses."""
    context = Context.of(statistics)
    figures = {
        analysis: analysis.figures(analysis.part_of(statistics), context) if analysis.figures else []
        for analysis in analyses
    }
    return FigureSet(context=context, by_analysis=figures)
