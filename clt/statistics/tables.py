"""The parts of statistics.json as flat tables: tables/NAME.csv."""

from collections.abc import Iterable
from typing import Any

from clt.statistics.analyses import ANALYSES, Analysis, Statistics
from clt.statistics.flat_tables import Flattener, Row, same_columns


def tables(statistics: Statistics, analyses: tuple[Analysis[Any], ...] = ANALYSES) -> dict[str, list[Row]]:
    """Name to rows; every row of a table has the same columns. Tables without rows are left out."""
    flattener = Flattener(statistics.curves)
    made: dict[str, Iterable[Row]] = {}
    for analysis in analyses:
        part = analysis.part_of(statistics)
        made |= flattener.part(part) if analysis.tables is None else analysis.tables(part, flattener)
    made["missing_cells"] = flattener.flat(statistics.missing_cells)
    return {name: filled for name, rows in made.items() if (filled := same_columns(list(rows)))}
