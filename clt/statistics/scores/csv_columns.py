"""The columns of a table of scores as they are computed with: text as categories, numbers as floats."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clt.statistics.scores.csv_file import CsvFile
from clt.statistics.scores.table import COLUMNS
from clt.statistics.spreadsheet_text import as_written

NUMBERS = ("size", "english_samples", "other_samples", "samples_per_language", "checkpoint", "score", "n_items")
UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
FEWEST_PARAMETERS = 1000  # a size of 7 means something else
FURTHER_VALUES = 100_000  # distinct values of a further column, in a table with items
Array = np.ndarray
Column = pd.Categorical | Array


def read_columns(file: CsvFile) -> dict[str, Column]:
    """Every column of the file: those of NUMBERS as floats (NaN where empty), all others as sorted categories.

    Spaces around values are dropped. A further column of a table with items that has more than FURTHER_VALUES values,
    such as the answers of the model, describes items and not cells: it is kept as missing, so that 5 million rows
    need no memory for it. Raises DataError with line and column for what is no number.
    """
    parts: dict[str, list] = {name: [] for name in file.header}
    seen = {name: set[str]() for name in file.header if name not in COLUMNS} if "item" in file.header else {}
    rows = 0
    for block in file.blocks():
        for name, column in zip(file.header, block.columns, strict=True):
            if name in NUMBERS:
                parts[name].append(_numbers(file, name, column, rows))
            elif name not in seen or _is_few(seen[name], column):
                parts[name].append(column)
            else:
                parts[name].clear()
        rows += len(block)
    return {name: _joined(name, parts.pop(name), rows) for name in file.header}


def constant(value: str | None, rows: int) -> pd.Categorical:
    """The same text in every row, or a missing one."""
    known = [] if value is None else [value]
    return pd.Categorical.from_codes(
        np.full(rows, len(known) - 1, dtype=np.int8), categories=pd.Index(known, dtype="str")
    )


def renamed(column: pd.Series, names: Mapping[str, str]) -> pd.Categorical:
    """A column of categories with other names for some of its values; names that then agree become one."""
    distinct, rank = np.unique([names.get(text, text) for text in column.cat.categories], return_inverse=True)
    codes = _small(rank, len(distinct))[column.cat.codes.to_numpy()]
    return pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype="str"))


def parameters(text: str) -> float:
    """Number of parameters of "7B", "350M" or "7000000000"; NaN for what is none, such as "8x7B" or "7"."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?(?:[eE]\+?[0-9]+)?) ?([KMBT]?)", text, flags=re.IGNORECASE)
    number = float(match[1]) * UNITS[match[2].upper()] if match else np.nan
    return number if number >= FEWEST_PARAMETERS else np.nan


def _is_few(seen: set[str], column: pa.DictionaryArray) -> bool:
    """Whether a column still has no more than FURTHER_VALUES values, which are collected in `seen` up to there."""
    if len(seen) <= FURTHER_VALUES:
        seen.update(column.dictionary.to_pylist())
    return len(seen) <= FURTHER_VALUES


def _joined(name: str, chunks: list, rows: int) -> Column:
    if not chunks:
        return constant(None, rows)
    return np.concatenate(chunks) if name in NUMBERS else _categories(chunks)


def _numbers(file: CsvFile, name: str, column: pa.DictionaryArray, before: int) -> Array:
    texts = [text.strip() for text in column.dictionary.to_pylist()]
    values, expected = _parsed(name, texts)
    wrong = ~np.isfinite(values) & np.array([text != "" for text in texts], dtype=bool)
    codes = column.indices.to_numpy()
    file.refuse(wrong[codes], name, expected, before=before)
    return values[codes]


def _parsed(name: str, texts: Sequence[str]) -> tuple[Array, str]:
    if name == "size":
        sizes = np.array([parameters(text) for text in texts], dtype=float)
        return sizes, "a number of parameters such as 7000000000, 7B or 350M"
    values = pd.to_numeric(pd.Series(texts, dtype="object"), errors="coerce").to_numpy(dtype=float)
    return values, "a finite number such as 0.75, with a point and without separators of thousands"


def _categories(chunks: list[pa.DictionaryArray]) -> pd.Categorical:
    """One column from its blocks: categories sorted, so that the order of the rows changes nothing."""
    column = pa.chunked_array(chunks).unify_dictionaries().combine_chunks()
    chunks.clear()
    texts = as_written(pc.utf8_trim_whitespace(column.dictionary)).dictionary_encode()  # trimmed texts may agree
    order = pc.sort_indices(texts.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    codes = _small(rank[texts.indices.to_numpy()], len(order))[column.indices.to_numpy()]
    return pd.Categorical.from_codes(codes, categories=pd.Index(texts.dictionary.take(order).to_pandas(), dtype="str"))


def _small(codes: Array, count: int) -> Array:
    """Codes in the fewest bytes that hold them."""
    return codes.astype(np.min_scalar_type(-max(count, 1)))
