"""What a user's own columns say about the cells: carried from the input to tables/scores.csv."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clt.statistics.scores.cell_means import cell_means
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.row_groups import first_rows, group_numbers, value_codes
from clt.statistics.scores.table import COLUMNS, CURVE

CELL = [*CURVE, "samples_per_language", "seed", "language"]  # repeats of a seed are one run
KEYS = ["run" if name == "seed" else name for name in CELL]


def score_frame(curves: Sequence[CurveData], rows: pd.DataFrame) -> pd.DataFrame:
    """The means of `cell_means.cell_means` with the table's further columns beside them, in the table's order.

    A further column holds its value where it is the same in all rows of a cell (of its selected checkpoint), else an
    empty text. One that is called like a column of the means gets the ending " (input)".
    """
    means = cell_means(curves)
    further = [name for name in rows.columns if name not in COLUMNS]
    if not further or means.empty:
        return means
    cell = group_numbers(rows, CELL)
    first = first_rows(cell)
    facts = rows[CELL].iloc[first].rename(columns={"seed": "run"})
    facts = facts.astype({"run": "str"}).astype(dict.fromkeys([*CURVE, "run", "language"], "object"))
    for name in further:
        codes = value_codes(rows[name])[0]
        same = np.ones(len(first), dtype=bool)
        same[cell[codes != codes[first[cell]]]] = False
        values = rows[name].iloc[first].astype("object").where(same & rows[name].iloc[first].notna(), "")
        facts[f"{name} (input)" if name in means.columns else name] = values
    trained = facts[facts["samples_per_language"].notna()].astype({"samples_per_language": "int64"})
    return means.merge(trained, on=KEYS, how="left", validate="one_to_one")
