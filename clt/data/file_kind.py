"""What a file is: by its name, by its first bytes, and whether the two agree.

Messages say what kind a file looks like and which line to write, and never show what is in it.
"""

import gzip
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clt.errors import DataError
from clt.study import Format, Source

FORMATS: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet",
}  # fmt: skip
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
HEAD_BYTES = 1 << 16
LINES = 20  # that tell what a text is


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looks like."""

    words: str
    step: str  # what to do where it was taken for something else
    fits: tuple[Format, ...] = ()  # what it may be read as


_MAGIC = {
    b"PAR1": Look("parquet", "write `format: parquet`, or let its name end in .parquet", ("parquet",)),
    b"\x1f\x8b": Look("a file compressed by gzip", "let its name end in .gz"),
    b"\x28\xb5\x2f\xfd": Look("a file compressed by zstd", "let its name end in .zst"),
    b"BZh": Look("a file compressed by bzip2", "compress it by gzip or zstd"),
    b"\xfd7zXZ": Look("a file compressed by xz", "compress it by gzip or zstd"),
    b"PK\x03\x04": Look("a zip archive, such as an Excel file (.xlsx)", "save it as csv in UTF-8, or unpack it"),
    b"\xd0\xcf\x11\xe0": Look("an old Excel file (.xls)", "save it as csv in UTF-8"),
    b"ARROW1": Look("an Arrow file", "save it as parquet"),
    b"SQLite": Look("a database of SQLite", "export it as csv"),
    b"%PDF": Look("a PDF", "use a file of rows"),
    b"\xff\xfe": Look("text in UTF-16", "save it in UTF-8"),
    b"\xfe\xff": Look("text in UTF-16", "save it in UTF-8"),
    b"version https://git-lfs": Look("a pointer of Git LFS", "fetch the file itself (`git lfs pull`)"),
}
_BINARY = Look("no text", "use jsonl, csv, tsv or parquet")
_NOTHING = Look("nothing", "add rows", ("jsonl", "csv", "tsv"))
_ROWS = Look("rows of JSON", "write `format: jsonl`", ("jsonl",))
_ARRAY = Look("a JSON array", "write one object a line: `jq -c '.[]' FILE > ROWS.jsonl`")
_OBJECT = Look("one JSON object over several lines", "write one object a line: `jq -c . FILE > ROWS.jsonl`")
_PLAIN = Look("plain text", "use jsonl, csv, tsv or parquet", ("csv", "tsv"))
_DELIMITED = {
    "\t": Look("tab-separated text", "write `format: tsv`", ("tsv",)),
    ",": Look("comma-separated text", "write `format: csv`", ("csv", "tsv")),
    ";": Look("text separated by semicolons", 'write `format: csv` and `delimiter: ";"`'),
}


@dataclass(frozen=True, slots=True)
class FileKind:
    format: Format
    compression: str | None


def file_kind(path: Path, source: Source, place: str) -> FileKind:
    """What a file is taken for: what the study says, else what its name ends in, if that is what it looks like.

    Args:
        path: An existing file.
        source: What the study says of it.
        place: What messages begin with: the field and the file.

    Raises:
        DataError: It looks like something else, or nothing says what it is.
    """
    asked, (named, compression) = source.format, _by_name(path)
    look = _look(_head(path, compression, place))
    kind = asked or named or ("jsonl" if look is _ROWS else None)
    if kind is None:
        raise DataError(f"{place}: its name does not say what it is, and it looks like {look.words}: {look.step}")
    if kind not in look.fits and not (kind in ("csv", "tsv") and look in _as_stated(source)):
        why = "as the study says" if asked else "by its name"
        raise DataError(f"{place}: looks like {look.words}, and is taken for {kind} {why}: {look.step}")
    return FileKind(kind, compression)


def _as_stated(source: Source) -> tuple[Look, ...]:
    """What cells may look like because the study says that they are cells."""
    if source.delimiter is not None:
        return (_ROWS, *_DELIMITED.values())
    return (_ROWS, _DELIMITED["\t"], _DELIMITED[","]) if source.format else ()


def is_of_rows(path: Path) -> bool:
    """Whether the name says that the file is read here."""
    return _by_name(path)[0] is not None


def _by_name(path: Path) -> tuple[Format | None, str | None]:
    """Format and compression that a name ends in."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = COMPRESSIONS.get(suffixes.pop()) if suffixes and suffixes[-1] in COMPRESSIONS else None
    return FORMATS.get(suffixes[-1]) if suffixes else None, compression


def open_binary(path: Path, compression: str | None) -> io.BufferedReader | gzip.GzipFile:
    """The file's bytes, uncompressed."""
    if compression == "gzip":
        return gzip.open(path, "rb")
    if compression == "zstd":
        import pyarrow

        return io.BufferedReader(pyarrow.input_stream(str(path), compression="zstd"))
    return path.open("rb")


def safe_names(names: Iterable[Any]) -> str:
    """Names of columns for a message; what is too odd for a name is counted and not shown: it may be content."""
    texts = [str(name) for name in names]
    shown = [text if _is_name(text) else f"({len(text)} characters)" for text in texts[:40]]
    return ", ".join(shown) + (", ..." if len(texts) > len(shown) else "")


def _is_name(text: str) -> bool:
    return 0 < len(text) <= 40 and all(letter.isalnum() or letter in "_-. /()" for letter in text)


def _head(path: Path, compression: str | None, place: str) -> bytes:
    try:
        with open_binary(path, compression) as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        if compression is None:
            raise DataError(f"{place}: cannot be read ({error.strerror}); correct its rights") from None
        raise DataError(f"{place}: is not compressed by {compression}, as its name says: correct its name") from None


def _look(head: bytes) -> Look:
    for magic, look in _MAGIC.items():
        if head.startswith(magic):
            return look
    if b"\0" in head:
        return _BINARY
    text = head.decode("utf-8-sig", errors="replace")
    lines = [line.strip() for line in text.splitlines()[:LINES] if line.strip()]
    if not lines:
        return _NOTHING
    if lines[0].startswith("["):
        return _ARRAY
    if lines[0] == "{":
        return _OBJECT
    if any(line.startswith("{") for line in lines):
        return _ROWS
    marks = {mark: min(line.count(mark) for line in lines[:5]) for mark in _DELIMITED}
    mark = max(marks, key=lambda each: marks[each])
    return _DELIMITED[mark] if marks[mark] else _PLAIN
