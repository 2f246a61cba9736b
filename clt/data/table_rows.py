"""Rows of csv, tsv and parquet files: converted once, by content, to an Arrow file.

So a row is found at the same cost in every format, compressed or not, and the converted file is never a stale one.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from clt.data.arrow_table import BATCH_ROWS, ArrowTable, write_arrow
from clt.data.delimited import Dialect, read_delimited
from clt.data.file_content import converted, file_checksum, uncompressed
from clt.data.file_kind import FileKind
from clt.data.rows import Unreadable
from clt.errors import DataError
from clt.hashing import digest

TABLE_FORMAT = 1  # raised when a conversion's result changes
LINE, REASON, FAULT = "\0line", "\0reason", "\0fault"  # columns beside those of a csv or tsv file


class TableRows:
    """One file; a row's position and number is its place among the rows, from 0."""

    def __init__(self, path: Path, kind: FileKind, dialect: Dialect | None, *, numbered: str) -> None:
        self.name = str(path)
        self.numbered = numbered
        self._path, self._kind, self._dialect = path, kind, dialect

    @property
    def size(self) -> int:
        return self._path.stat().st_size

    @property
    def columns(self) -> list[str]:
        return [name for name in self._table.names if name not in (LINE, REASON, FAULT)]

    def checksum(self) -> str:
        """Of the file's content and of how it is read."""
        return digest({"content": file_checksum(self._path), **self._how})

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """Number (twice) and columns of every row."""
        for number, row in enumerate(self._table.rows()):
            yield number, number, _without_notes(row)

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows with these numbers."""
        return map(_without_notes, self._table.take(positions))

    def location(self, line: int) -> str:
        if self._dialect is None:
            return f"{self.name}: row {line}"
        return f"{self.name}:{next(self._table.take([line]))[LINE]}"

    @property
    def _how(self) -> dict[str, Any]:
        return {"table": TABLE_FORMAT, "dialect": None if self._dialect is None else self._dialect.identity}

    @cached_property
    def _table(self) -> ArrowTable:
        return ArrowTable(converted(file_checksum(self._path), self._how, ".arrow", self._convert))

    def _convert(self, target: Path) -> None:
        if self._dialect is None:
            _convert_parquet(uncompressed(self._path, self._kind.compression), self.name, target)
        else:
            _convert_cells(self._path, self._kind.compression, self._dialect, target)


def _without_notes(row: dict[str, Any]) -> Any:
    row.pop(LINE, None)
    reason, fault = row.pop(REASON, None), row.pop(FAULT, None)
    return row if reason is None else Unreadable(reason, fault)


def _convert_cells(path: Path, compression: str | None, dialect: Dialect, target: Path) -> None:
    import pyarrow

    names, lines = read_delimited(path, compression, dialect)
    notes = [(LINE, pyarrow.int64()), (REASON, pyarrow.string()), (FAULT, pyarrow.string())]
    schema = pyarrow.schema([*((name, pyarrow.large_string()) for name in names), *notes])

    def batches() -> Iterator[Any]:
        while chunk := list(islice(lines, BATCH_ROWS)):
            yield pyarrow.RecordBatch.from_pylist([_noted(names, line, cells) for line, cells in chunk], schema=schema)

    write_arrow(target, schema, batches())


def _noted(names: tuple[str, ...], line: int, cells: Any) -> dict[str, Any]:
    if isinstance(cells, Unreadable):
        return {LINE: line, REASON: cells.reason, FAULT: cells.text}
    return dict(zip(names, cells, strict=True)) | {LINE: line}


def _convert_parquet(path: Path, name: str, target: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            write_arrow(target, file.schema_arrow, file.iter_batches(BATCH_ROWS))
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{name}: is no whole parquet file ({type(error).__name__}); write it anew") from None
