"""Rows of a jsonl file: one JSON object a line, UTF-8."""

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from clt.errors import DataError

BUFFER_BYTES = 1 << 18
CHUNK_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class NotJson:
    """What stands for a line that cannot be parsed."""

    text: str  # the line's beginning
    reason: str


class JsonlRows:
    """A file; a row's position is its offset in bytes."""

    def __init__(self, path: str, *, numbered: bool, field: str) -> None:
        self.name = path
        self.numbered = numbered
        self._path = Path(path)
        if not self._path.is_file():
            what = "is a folder" if self._path.is_dir() else "there is no such file"
            raise DataError(
                f"{field}: {path}: {what}, expected a jsonl file; correct `path` in the study or add the file"
            )

    @property
    def size(self) -> int:
        return self._path.stat().st_size

    def checksum(self) -> str:
        """SHA-256 of the file."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

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
                    value = NotJson(text[:60].decode(errors="replace").strip(), error.msg)
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
