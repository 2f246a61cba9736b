"""Charts as SVG text: small, the same bytes every time, coloured by a style sheet in light and dark."""

from clt.statistics.rendering.svg.axes import SMALL, Frame, XAxis, sample_axis
from clt.statistics.rendering.svg.bars import Bar, bars
from clt.statistics.rendering.svg.drawing import Drawing, Figure, grid
from clt.statistics.rendering.svg.forest import Interval, forest
from clt.statistics.rendering.svg.heat_map import Cell, heat_map
from clt.statistics.rendering.svg.line_chart import Series, line_chart, value_range

__all__ = [
    "SMALL",
    "Bar",
    "Cell",
    "Drawing",
    "Figure",
    "Frame",
    "Interval",
    "Series",
    "XAxis",
    "bars",
    "forest",
    "grid",
    "heat_map",
    "line_chart",
    "sample_axis",
    "value_range",
]
