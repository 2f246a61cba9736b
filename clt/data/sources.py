"""Where rows come from: a jsonl file, or a data set of the `datasets` library, behind one small interface.

Neither is ever held in memory: a jsonl file is read line by line and by offset, a data set is memory-mapped Arrow.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from clt.data.hub_rows import HubRows
from clt.data.jsonl_rows import JsonlRows
from clt.errors import DataError
from clt.study import Source


class Rows(Protocol):
    """One language of a source."""

    @property
    def name(self) -> str:
        """The file or data set, as messages name it."""
        ...

    @property
    def numbered(self) -> bool:
        """Whether a row's id is its number."""
        ...

    @property
    def size(self) -> int:
        """About how many bytes there are to parse."""
        ...

    def checksum(self) -> str:
        """What changes whenever the rows do."""
        ...

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """(position, line or row number, value) of every row; the value is NotJson for a line that is not JSON."""
        ...

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows at positions that `scan` gave, in the order of the positions."""
        ...

    def location(self, line: int) -> str:
        """A row as messages name it: `file:line` or `data set: row number`."""
        ...


def open_rows(source: Source, language: str, field: str) -> Rows:
    """The rows of one language; DataError if there is nothing to read. `field` names the field of the study."""
    named = source.named(language)
    if source.path is not None:
        return JsonlRows(source.path.replace("{language}", named), numbered=source.ids == "row", field=field)
    if source.hub is not None:
        return HubRows(source, named, field)
    raise DataError(
        f"{field}: only a number of rows is declared (`rows:`), expected `path` or `hub`: "
        "such a study can be planned with `clt plan`, not run"
    )
