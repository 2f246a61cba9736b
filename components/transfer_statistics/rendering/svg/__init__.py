"""Charts as SVG text: small, the same bytes every time, coloured by a style sheet in light and dark."""

from components.transfer_statistics.rendering.svg.axes import SMALL, Frame
from components.transfer_statistics.rendering.svg.bars import Bar, bars
from components.transfer_statistics.rendering.svg.drawing import Drawing, grid
from components.transfer_statistics.rendering.svg.forest import Interval, forest
from components.transfer_statistics.rendering.svg.heat_map import Cell, heat_map
from components.transfer_statistics.rendering.svg.line_chart import Series, line_chart, value_range

__all__ = [
    "SMALL",
    "Bar",
    "Cell",
    "Drawing",
    "Frame",
    "Interval",
    "Series",
    "bars",
    "forest",
    "grid",
    "heat_map",
    "line_chart",
    "value_range",
]
