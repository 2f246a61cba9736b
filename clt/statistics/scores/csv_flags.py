"""The two columns of a table of scores that hold true or false."""

import numpy as np
import pandas as pd

from clt.statistics.scores.csv_file import CsvFile
from clt.study import METRICS

Array = np.ndarray


def read_directions(file: CsvFile, rows: pd.DataFrame) -> Array:
    """`higher_is_better` (rows,); where it is empty what is known of the metric, else true.

    DataError for a word other than true and false, and for what contradicts a known metric.
    """
    metrics = rows["metric"].cat
    known = [METRICS.get(name) for name in metrics.categories]
    expected = np.array([facts is None or facts.higher_is_better for facts in known])[metrics.codes.to_numpy()]
    is_known = np.array([facts is not None for facts in known])[metrics.codes.to_numpy()]
    given, empty = _flags(file, rows, "higher_is_better", allowed=("true", "false", ""))
    wrong = ~empty & is_known & (given != expected)
    file.refuse(wrong, "higher_is_better", "true, or false for bits_per_byte, as these metrics are defined")
    return np.where(empty, expected, given)


def read_selected(file: CsvFile, rows: pd.DataFrame) -> Array:
    """`selected` (rows,), true without such a column; DataError for a word other than true and false."""
    if "selected" not in file.header:
        return np.ones(len(rows), dtype=bool)
    return _flags(file, rows, "selected", allowed=("true", "false"))[0]


def _flags(file: CsvFile, rows: pd.DataFrame, name: str, *, allowed: tuple[str, ...]) -> tuple[Array, Array]:
    """Which rows (rows,) say true, and which are empty."""
    texts, codes = rows[name].cat.categories.str.lower(), rows[name].cat.codes.to_numpy()
    file.refuse(~texts.isin(allowed)[codes], name, "true or false")
    return np.asarray(texts == "true")[codes], np.asarray(texts == "")[codes]
