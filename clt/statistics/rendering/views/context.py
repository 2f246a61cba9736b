"""What every section needs: the statistics, their figures, and how names and numbers are written."""

from dataclasses import dataclass

from clt.statistics.rendering.figures import Album
from clt.statistics.rendering.wording import Digits, Form, Names
from clt.statistics.schema import Statistics

MARKS = {"improved": "▲", "worsened": "▼", "not resolved": "○", "no interval": "·", "undefined": "–"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    statistics: Statistics
    album: Album
    names: Names
    digits: Digits

    def plain(self, curve_id: str) -> Form:
        curve = self.names.curves[curve_id]
        return self.digits.plain(curve.task, curve.metric)

    def signed(self, curve_id: str) -> Form:
        curve = self.names.curves[curve_id]
        return self.digits.signed(curve.task, curve.metric)
