"""Charts as SVG text: small, the same bytes every time, coloured by a style sheet in light and dark."""

from clt.statistics.rendering.svg.axes import (
    SMALL,
    Frame,
    XAxis,
    round_range,
    sample_axis,
    ticks_between,
    x_axis,
    y_axis,
)
from clt.statistics.rendering.svg.bars import Bar, bars
from clt.statistics.rendering.svg.drawing import Drawing, Figure, grid, label, length
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
    "label",
    "length",
    "line_chart",
    "round_range",
    "sample_axis",
    "ticks_between",
    "value_range",
    "x_axis",
    "y_axis",
]
