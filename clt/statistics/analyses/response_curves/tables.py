"""The response curves as a table: a row for every curve and group of languages."""

from collections.abc import Iterable

from clt.statistics.analyses.response_curves.schema import ResponseCurvesPart
from clt.statistics.flat_tables import Flattener, Row


def tables(part: ResponseCurvesPart, flattener: Flattener) -> dict[str, Iterable[Row]]:
    """The table `response_curves`, without the points of the figures."""
    rows = flattener.flat(part.response_curves)
    return {"response_curves": ({name: value for name, value in row.items() if name != "expected"} for row in rows)}
