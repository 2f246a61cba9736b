"""Which checkpoint of each run the curve uses, in a table that holds several."""

import numpy as np
import pandas as pd

from clt.errors import DataError
from clt.statistics.scores.csv_file import CsvFile
from clt.statistics.scores.row_groups import first_rows, group_numbers, value_codes
from clt.statistics.scores.table import CURVE, RUN

Array = np.ndarray


def last_checkpoints(rows: pd.DataFrame) -> Array:
    """Rows (bool) of the last checkpoint of each run and metric; rows that name no checkpoint are their run's only one.

    Each task and metric of a run by itself: a loss may be measured at more checkpoints than an accuracy.
    """
    run, codes = group_numbers(rows, [*CURVE, *RUN]), value_codes(rows["checkpoint"])[0]
    last = np.full(int(run.max()) + 1, -1)
    np.maximum.at(last, run, codes)
    return codes == last[run]


def check_selected(file: CsvFile, rows: pd.DataFrame) -> None:
    """DataError if a run has two selected checkpoints, or if no run has one."""
    where = np.flatnonzero(rows["selected"].to_numpy())
    if not len(where):
        raise file.error(0, "selected", "true in the rows of one checkpoint of each run; it is false in every row")
    run = group_numbers(rows, [*CURVE, *RUN])[where]
    codes = value_codes(rows["checkpoint"])[0][where]
    first = first_rows(run)[run]
    if (wrong := codes != codes[first]).any():
        at = int(wrong.argmax())
        raise DataError(
            f"{file.path}:{file.line(int(where[at]))}: selected: got a second selected checkpoint of a run, expected "
            f"only that of line {file.line(int(where[first[at]]))}"
        )
