"""Rows of a jsonl file: one JSON object a line, UTF-8."""

import codecs
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from clt.data.file_content import file_checksum, uncompressed
from clt.data.rows import Unreadable

BUFFER_BYTES = 1 << 18
CHUNK_ROWS = 10_000


class JsonlRows:
    """A file, plain or compressed; a row's position is its offset in the uncompressed bytes, its number its line."""

    def __init__(self, path: Path, compression: str | None, *, numbered: str) -> None:
        self.name = str(path)
        self.numbered = numbered
        self._given, self._compression = path, compression

    @property
    def size(self) -> int:
        return self._given.stat().st_size

    @property
    def columns(self) -> list[str]:
        """Those of the first row."""
        return next((list(row) for _, _, row in self.scan() if isinstance(row, dict)), [])

    def checksum(self) -> str:
        """SHA-256 of the file."""
        return file_checksum(self._given)

    @cached_property
    def _path(self) -> Path:
        return uncompressed(self._given, self._compression)

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """Offset, line number and parsed value of every line that is not blank."""
        position = 0
        with self._path.open("rb", buffering=BUFFER_BYTES) as file:
            for line, text in enumerate(file, start=1):
                start, position = position, position + len(text)
                if line == 1 and text.startswith(codecs.BOM_UTF8):
                    text = text.removeprefix(codecs.BOM_UTF8)
                    start += len(codecs.BOM_UTF8)
                try:
                    value = orjson.loads(text)
                except orjson.JSONDecodeError as error:
                    if not text.strip():
                        continue
                    value = Unreadable(
                        "not JSON", f"is no JSON at column {error.pos + 1}, expected one JSON object a line"
                    )
                yield start, line, value

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows at offsets that `scan` gave.

        Ten thousand at a time are read in the file's order, so that most seeks stay within the buffer: a system call a
        row took ten times as long.
        """
        iterator = iter(positions)
        with self._path.open("rb", buffering=BUFFER_BYTES) as file:
            while chunk := list(islice(iterator, CHUNK_ROWS)):
                lines = [b""] * len(chunk)
                for number in sorted(range(len(chunk)), key=chunk.__getitem__):
                    file.seek(chunk[number])
                    lines[number] = file.readline()
                yield from map(orjson.loads, lines)

    def location(self, line: int) -> str:
        return f"{self.name}:{line}"
