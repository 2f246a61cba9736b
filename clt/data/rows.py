"""One language of a source, row by row, whatever its files are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands for a row that is none; its content is not shown: the file may not be what the study took it for."""

    reason: str  # rows are counted under it, such as "not JSON"
    text: str  # for the user: what was found, and what is expected


class Rows(Protocol):
    """One language of a source."""

    @property
    def name(self) -> str:
        """The file or data set, as messages name it."""
        ...

    numbered: str
    """What the ids of rows begin with that are known by their number, such as `fr-row-`; empty: ids are a column."""

    @property
    def columns(self) -> list[str]:
        """The columns that a row has."""
        ...

    @property
    def size(self) -> int:
        """About how many bytes there are to parse."""
        ...

    def checksum(self) -> str:
        """What changes whenever the rows do."""
        ...

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """(position, line or row number, value) of every row; the value is Unreadable for what is no row."""
        ...

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows at positions that `scan` gave, in the order of the positions."""
        ...

    def location(self, line: int) -> str:
        """A row as messages name it, `file:line` or `data set: row number`, once `scan` has passed it."""
        ...
