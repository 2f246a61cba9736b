"""The rows whose columns match the patterns of `where`, such as those of one language in a file for all."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from clt.data.columns import value_at
from clt.data.file_kind import safe_names
from clt.data.rows import Rows
from clt.data.templates import as_text
from clt.errors import DataError
from clt.hashing import digest


class FilteredRows:
    """A row's number counts those that match, from 0. What is no row at all is everybody's."""

    def __init__(self, rows: Rows, where: Mapping[str, str], field: str) -> None:
        self.name = rows.name
        self.numbered = rows.numbered
        self._rows, self._where, self._field = rows, dict(where), field
        self._numbers = array("q")  # of the rows that match, as `rows` counts them

    @property
    def size(self) -> int:
        return self._rows.size

    @property
    def columns(self) -> list[str]:
        return self._rows.columns

    def checksum(self) -> str:
        return digest({"rows": self._rows.checksum(), "where": self._where})

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """Position, number among those that match, and value of every row that matches; DataError if none does."""
        self._numbers = array("q")
        matches = lru_cache(maxsize=1 << 12)(fnmatchcase)
        count = 0
        for position, number, row in self._rows.scan():
            count += 1
            if isinstance(row, dict) and not all(
                matches(self._text(row, column), pattern) for column, pattern in self._where.items()
            ):
                continue
            self._numbers.append(number)
            yield position, len(self._numbers) - 1, row
        if count and not self._numbers:
            raise nothing_matches(self._field, self.name, count, self._where)

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        return self._rows.read(positions)

    def location(self, line: int) -> str:
        return self._rows.location(self._numbers[line])

    def _text(self, row: dict[str, Any], column: str) -> str:
        try:
            return as_text(value_at(row, column))
        except LookupError:
            raise DataError(
                f"{self._field}: where: got {column!r}, expected one of the columns of {self.name}: {safe_names(row)}"
            ) from None


def nothing_matches(field: str, name: str, rows: int, where: Mapping[str, str]) -> DataError:
    """What to say of a source none of whose rows matches."""
    patterns = ", ".join(f"{column}: {pattern}" for column, pattern in where.items())
    return DataError(
        f"{field}: where: none of the {rows} rows of {name} matches {{{patterns}}}; correct the pattern, or say in the "
        "source's `languages` what it calls the language, such as `{zh: zh-Hans}`"
    )
