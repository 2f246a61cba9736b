"""The table of scores from a CSV file such as studies/paper/scores.csv: printed means, or scores per item."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from clt.statistics.scores.checkpoints import check_selected, last_checkpoints
from clt.statistics.scores.csv_checks import (
    check_duplicates,
    check_exposure,
    check_facts,
    check_items_recur,
    check_metrics_are_named,
    check_numbers,
    check_texts,
)
from clt.statistics.scores.csv_columns import NUMBERS, constant, read_columns, renamed
from clt.statistics.scores.csv_file import CsvFile, open_csv
from clt.statistics.scores.csv_flags import read_directions, read_selected
from clt.statistics.scores.missing_cells import missing_cells
from clt.statistics.scores.row_groups import first_rows, group_numbers
from clt.statistics.scores.table import COLUMNS, ScoreTable

REQUIRED = ("model", "setting", "task", "train_languages", "samples_per_language", "language", "score")
SETTINGS = {"single": "single_task", "multi": "multi_task"}  # as papers write it
METRIC, SEED = "score", "0"  # where none is given
EXPOSURES = ("english", "seen", "unseen")  # sorted, as all categories are


def read_scores(path: str | Path) -> ScoreTable:
    """Read and check a table of scores: REQUIRED columns, those of `table.COLUMNS`, and further ones carried through.

    `train_languages` is joined by + with English first; a base model has the setting `base`, English alone and no n.
    `single` and `multi` are understood as settings, `7B` as a size. Without the column `selected` the last checkpoint
    of each run is the selected one; the rows of the other checkpoints are kept apart. Reads in blocks: 5 million rows
    with items need 1.0 to 1.2 GB.

    Args:
        path: A CSV file with a header; its columns are described in docs/score_table.md.

    Returns:
        The table, with the cells that its other rows lead to expect and that it lacks.

    Raises:
        DataError: With line and column, for whatever cannot be understood.
    """
    path = Path(path)
    file = open_csv(path, REQUIRED)
    rows = _rows(file)
    given_exposure = rows["exposure"]
    rows["exposure"] = _exposure(rows)
    rows["other_samples"] = rows["other_samples"].fillna(_additive_samples(rows))
    check_exposure(file, rows, given_exposure)
    check_facts(file, rows)
    check_duplicates(file, rows)
    check_items_recur(file, rows)
    if "selected" in file.header:
        check_selected(file, rows)
    else:
        rows["selected"] = last_checkpoints(rows)
    selected = rows["selected"].to_numpy()
    missing = missing_cells(rows)
    first = rows.iloc[first_rows(group_numbers(rows, ["task"]))]
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return ScoreTable(
        rows=rows if selected.all() else rows[selected].reset_index(drop=True),
        source=path.name,
        main_metrics=dict(zip(first["task"].astype("str"), first["metric"].astype("str"), strict=True)),
        missing=missing,
        inputs={path.name: sha256},
        checkpoints=rows[~selected].reset_index(drop=True),
    )


def _rows(file: CsvFile) -> pd.DataFrame:
    """All columns with their defaults, each row checked by itself."""
    columns = read_columns(file)
    size = len(columns["score"])
    for name in COLUMNS:
        if name not in columns:
            columns[name] = np.full(size, np.nan) if name in NUMBERS else constant("", size)
    further = [name for name in file.header if name not in COLUMNS]
    rows = pd.DataFrame({name: columns.pop(name) for name in (*COLUMNS, *further)}, copy=False)
    rows["setting"] = renamed(rows["setting"], SETTINGS)
    rows["seed"] = renamed(rows["seed"], {"": SEED})
    if "" in rows["item"].cat.categories:
        rows["item"] = rows["item"].cat.remove_categories([""])
    check_texts(file, rows)
    check_metrics_are_named(file, rows)
    rows["metric"] = renamed(rows["metric"], {"": METRIC})
    check_numbers(file, rows)
    rows["higher_is_better"] = read_directions(file, rows)
    rows["selected"] = read_selected(file, rows)
    return rows


def _exposure(rows: pd.DataFrame) -> pd.Categorical:
    """english, seen or unseen: what the mixture of each row's cell holds of its language."""
    languages, mixtures = rows["language"].cat, rows["train_languages"].cat
    place = [text.split("+") for text in mixtures.categories]
    role = np.array([[_role(code, codes) for code in languages.categories] for codes in place], dtype=np.int8)
    exposure = role[mixtures.codes.to_numpy(), languages.codes.to_numpy()]
    unseen = np.int8(EXPOSURES.index("unseen"))
    exposure[(exposure == EXPOSURES.index("seen")) & ~(rows["samples_per_language"] > 0).to_numpy()] = unseen
    return pd.Categorical.from_codes(exposure, categories=pd.Index(EXPOSURES, dtype="str"))


def _role(code: str, mixture: list[str]) -> int:
    return EXPOSURES.index("english" if code == mixture[0] else "seen" if code in mixture else "unseen")


def _additive_samples(rows: pd.DataFrame) -> pd.Series:
    """Non-English rows of a mixture of n in each training language; missing for a base model."""
    mixtures = rows["train_languages"].cat
    others = np.array([text.count("+") for text in mixtures.categories], dtype=float)
    return rows["samples_per_language"] * others[mixtures.codes.to_numpy()]
