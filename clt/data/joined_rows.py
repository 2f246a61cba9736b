"""Several files of rows, one after the other."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from clt.data.rows import Rows
from clt.hashing import digest

PART = 1 << 40  # of a position: which file; below it the position in the file
FILES = 1 << 22


class JoinedRows:
    """Rows are numbered through; a position tells the file and the position in it."""

    def __init__(self, parts: Sequence[Rows], name: str) -> None:
        assert 0 < len(parts) < FILES, len(parts)
        self.name = name
        self.numbered = parts[0].numbered
        self._parts = parts
        self._starts: list[int] = []  # the number of each file's first row; known while and after `scan`

    @property
    def size(self) -> int:
        return sum(part.size for part in self._parts)

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys(name for part in self._parts for name in part.columns))

    def checksum(self) -> str:
        """Of the files' own, in their order; not of their names."""
        return digest({"files": [part.checksum() for part in self._parts]})

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """Every row of every file."""
        self._starts = [0]
        for index, part in enumerate(self._parts):
            start, last = self._starts[-1], -1
            for position, number, row in part.scan():
                last = max(last, number)
                yield index * PART + position, start + number, row
            self._starts.append(start + last + 1)

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows at these positions; stretches in one file are read together."""
        for index, stretch in groupby(positions, key=lambda position: position // PART):
            yield from self._parts[index].read(position % PART for position in stretch)

    def location(self, line: int) -> str:
        index = max(at for at, start in enumerate(self._starts) if start <= line and at < len(self._parts))
        return self._parts[index].location(line - self._starts[index])
