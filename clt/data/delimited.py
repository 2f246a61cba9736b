"""Rows of csv and tsv files: every cell is the text that it is. `NA`, `007`, `1e5` and dates are texts too."""

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from clt.data.file_kind import open_binary, safe_names
from clt.data.rows import Unreadable
from clt.errors import DataError
from clt.study import Source

LONGEST_NAME = 60  # characters; what is longer is a text, and no name of a column


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a file is written."""

    delimiter: str
    quoting: bool  # a cell may stand in double quotes, doubled inside it
    header: tuple[str, ...] | None  # names of the columns; None: the first line has them
    checked: bool  # whether cells that look quoted are refused: the study does not say what a quote is

    @classmethod
    def of(cls, source: Source, kind: str) -> "Dialect":
        quoting = source.quoting or ("double" if kind == "csv" else "none")
        delimiter = source.delimiter or ("," if kind == "csv" else "\t")
        return cls(
            delimiter=delimiter, quoting=quoting == "double", header=source.header, checked=source.quoting is None
        )

    @property
    def identity(self) -> list[Any]:
        """What the rows depend on beside the file."""
        return [self.delimiter, self.quoting, self.checked, None if self.header is None else list(self.header)]


def read_delimited(
    path: Path, compression: str | None, dialect: Dialect
) -> tuple[tuple[str, ...], Iterator[tuple[int, Any]]]:
    """The names of the columns, and (line, cells or Unreadable) of every row that is not blank.

    Args:
        path: The file.
        compression: `gzip`, `zstd` or None.
        dialect: How it is written.

    Raises:
        DataError: It has no UTF-8, an open quote, or a first line that is no header, or one too many; also later.
    """
    lines = _lines(path, compression, dialect)
    line, first = next(lines, (1, ()))
    head, names = tuple(cell.strip() for cell in first), dialect.header
    if names is None:
        if fault := _header_fault(head):
            raise DataError(f"{path}:{line}: {fault}")
        names = head
    elif head == names:
        raise DataError(
            f"{path}:{line}: is the header that the study gives; leave `header` out, or it is read as a row"
        )
    elif first:
        lines = chain([(line, first)], lines)
    return names, (_checked(line, cells, names, dialect) for line, cells in lines)


def _lines(path: Path, compression: str | None, dialect: Dialect) -> Iterator[tuple[int, tuple[str, ...]]]:
    csv.field_size_limit(sys.maxsize)  # the limit is the process's: answers of any length are read
    with io.TextIOWrapper(open_binary(path, compression), encoding="utf-8-sig", newline="") as text:
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE
        reader = csv.reader(text, delimiter=dialect.delimiter, quoting=quoting, strict=True)
        line = 1
        try:
            for cells in reader:
                if len(cells) > 1 or any(map(str.strip, cells)):
                    yield line, tuple(cells)
                line = reader.line_num + 1
        except csv.Error:
            raise DataError(
                f"{path}:{line}: a double quote is open at its end, or closed inside a cell, expected quotes around "
                "whole cells, doubled inside them; if quotes are part of the text, write `quoting: none`"
            ) from None
        except UnicodeDecodeError:
            line = _first_not_utf8(path, compression)
            raise DataError(f"{path}:{line}: is not UTF-8; save the file in UTF-8") from None


def _first_not_utf8(path: Path, compression: str | None) -> int:
    with open_binary(path, compression) as file:
        for line, text in enumerate(file, start=1):
            try:
                text.decode()
            except UnicodeDecodeError:
                return line
    raise AssertionError("a line that is not UTF-8 was met before")


def _header_fault(names: tuple[str, ...]) -> str:
    """Why these cells are no names of columns, if they are not."""
    if not names:
        return "there is no header; write `header: [...]`, or add the line"
    what = ""
    if not all(names):
        what = f"column {names.index('') + 1} has no name"
    elif len(set(names)) < len(names):
        what = "two columns have one name"
    elif any(_is_number(name) for name in names):
        what = "a number is no name of a column"
    elif max(map(len, names)) > LONGEST_NAME:
        what = f"{max(map(len, names))} characters are no name of a column"
    if not what:
        return ""
    wanted = ", ".join(f"NAME{position}" for position in range(1, len(names) + 1))
    return f"{what}: this looks like a row; if the file has no header, write `header: [{wanted}]` in its source"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _checked(line: int, cells: tuple[str, ...], names: tuple[str, ...], dialect: Dialect) -> tuple[int, Any]:
    if len(cells) != len(names):
        step = "doubled quotes or `quoting: none`" if dialect.quoting else "one line a row, or `quoting: double`"
        return line, Unreadable(
            "wrong number of cells",
            f"got {len(cells)} cells, expected {len(names)} ({safe_names(names)}): {step} where a cell holds the "
            "delimiter or a line's end",
        )
    if dialect.checked and not dialect.quoting and any(_is_quoted(cell) for cell in cells):
        return line, Unreadable(
            "quoted cell",
            "a cell stands in double quotes with doubled ones inside, expected plain text; write `quoting: double`, or "
            "`quoting: none` if the quotes are text",
        )
    return line, cells


def _is_quoted(cell: str) -> bool:
    """As a program writes a cell with quotes in it: the whole in quotes, each of its own doubled."""
    inner = cell[1:-1]
    return len(cell) > 3 and cell[0] == cell[-1] == '"' and '""' in inner and not inner.replace('""', "").count('"')
