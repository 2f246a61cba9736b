"""What the sections of the page share: the statistics, the curves' figures, and how names and numbers are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clt.statistics.analyses.curves.figures import CurveFigures, draw_curves
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import Digits, Form, Names
from clt.statistics.rendering.svg import Figure

MARKS = {"improved": "▲", "worsened": "▼", "not resolved": "○", "no interval": "·", "undefined": "–"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every section may use beside its own part of the statistics."""

    statistics: Statistics
    names: Names
    digits: Digits
    curve_figures: Mapping[str, CurveFigures]  # by the curve's id
    figures: Sequence[Figure] = ()  # of the section's own analysis

    @classmethod
    def of(cls, statistics: Statistics) -> "Context":
        """The context of a page; the figures of its curves are drawn here, once for all sections."""
        return cls(
            statistics=statistics,
            names=Names.of(statistics.curves),
            digits=Digits.of(statistics.curves),
            curve_figures=draw_curves(statistics),
        )

    def plain(self, curve_id: str) -> Form:
        """How a score of the curve is written."""
        curve = self.names.curves[curve_id]
        return self.digits.plain(curve.task, curve.metric)

    def signed(self, curve_id: str) -> Form:
        """How a change of the curve's score is written."""
        curve = self.names.curves[curve_id]
        return self.digits.signed(curve.task, curve.metric)
