"""A CSV file as blocks of text columns, and the line of any of its rows.

Rows are counted while they are read; a count becomes a line only when something is refused, by reading the file again.
So blank lines and line breaks inside quotes cost nothing, and the line is exact in a file of any size.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from clt.errors import DataError

BLOCK_BYTES = 1 << 22  # a row has to fit into it
TEXT = pa.dictionary(pa.int32(), pa.string())  # scores repeat their names: a code a row instead of a string
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class CsvFile:
    path: Path
    header: tuple[str, ...]  # without spaces around the names

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """The rows in blocks, every column as dictionary-encoded text; DataError where a row cannot be read."""
        try:
            reader = pyarrow.csv.open_csv(
                self.path,
                read_options=pyarrow.csv.ReadOptions(
                    block_size=BLOCK_BYTES, column_names=self.header, skip_rows_after_names=1
                ),
                parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
                convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(self.header, TEXT)),
            )
            yield from reader
        except pa.ArrowInvalid as error:
            raise self._malformed(error) from None

    def refuse(self, wrong: Array, column: str, expected: str, *, before: int = 0) -> None:
        """DataError for the first wrong row (bool), if there is one; `before`: rows ahead of the first of `wrong`."""
        if wrong.any():
            raise self.error(before + int(wrong.argmax()), column, expected)

    def error(self, row: int, column: str, expected: str) -> DataError:
        """What was found in a column of a row, counted from 0, and what is allowed there."""
        line, fields = self._record(row)
        got = repr(fields[self.header.index(column)].strip()) if column in self.header else "no such column"
        return DataError(f"{self.path}:{line}: {column}: got {got}, expected {expected}")

    def line(self, row: int) -> int:
        """The line, counted from 1, on which a row, counted from 0, begins."""
        return self._record(row)[0]

    def _record(self, row: int) -> tuple[int, list[str]]:
        return next(islice(_records(self.path), row + 1, None))

    def _malformed(self, cause: Exception) -> DataError:
        """The first row with another number of fields than the header, or what pyarrow says."""
        for line, fields in _records(self.path):
            if len(fields) != len(self.header):
                return DataError(
                    f"{self.path}:{line}: got {len(fields)} fields, expected {len(self.header)} as in the header; "
                    "close every quote, quote values that hold a comma, and write numbers without thousands separators"
                )
        return DataError(f"{self.path}: cannot be read as CSV: {cause}")


def open_csv(path: Path, required: Sequence[str]) -> CsvFile:
    """Read and check the header. DataError if there is no file, no row, no required column or a column twice."""
    records = _records(path)
    try:
        line, fields = next(records)
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give a CSV file") from None
    except StopIteration:
        raise DataError(f"{path}: the file is empty, expected a header with {', '.join(required)}") from None
    header = tuple(name.strip() for name in fields)
    if absent := [name for name in required if name not in header]:
        raise DataError(
            f"{path}:{line}: no column {', '.join(absent)}; got {', '.join(header)}, "
            f"expected at least {', '.join(required)}, separated by commas"
        )
    for place, name in enumerate(header, start=1):
        if not name:
            raise DataError(f"{path}:{line}: column {place} has no name, expected one (pandas: index=False)")
        if header.index(name) < place - 1:
            raise DataError(f"{path}:{line}: got the column {name} twice, expected it once")
    if next(records, None) is None:
        raise DataError(f"{path}: got a header and no rows, expected scores below it")
    return CsvFile(path, header)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """First line and fields of every row, the header's included, without blank lines."""
    csv.field_size_limit(BLOCK_BYTES)
    with path.open("rb") as file:
        reader = csv.reader(_decoded(path, file))
        line = 1
        try:
            for fields in reader:
                if fields:
                    yield line, fields
                line = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{path}:{line}: cannot be read as CSV: {error}") from None


def _decoded(path: Path, lines: Iterator[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}:{number}: got the byte 0x{line[error.start]:02x}, which is not UTF-8; "
                "expected a table saved as CSV in UTF-8"
            ) from None
