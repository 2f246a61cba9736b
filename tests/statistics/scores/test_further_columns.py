"""A user's own columns come out beside the means of the cells that they describe."""

from pathlib import Path

import pandas as pd
import pytest

from clt.statistics.scores.cell_means import COLUMNS, cell_means
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.further_columns import score_frame

PAPER = Path(__file__).resolve().parents[3] / "studies" / "paper" / "scores.csv"
HEADER = "model,setting,task,train_languages,samples_per_language,seed,language,item,score,host,role,answer,checkpoint"


def frame(path: Path) -> pd.DataFrame:
    rows = read_scores(path).rows
    return score_frame(list(curves(rows)), rows)


def test_every_row_of_the_paper_comes_out_with_the_number_of_its_table() -> None:
    found = frame(PAPER)
    assert list(found) == [*COLUMNS, "table"] and len(found) == 1728
    printed = pd.read_csv(PAPER, dtype={"table": str}).replace({"single": "single_task", "multi": "multi_task"})
    keys = ["model", "setting", "task", "train_languages", "samples_per_language", "language"]
    both = printed.merge(found, on=keys, validate="one_to_one", suffixes=("", " out"))
    assert len(both) == 1728
    assert (both["table"] == both["table out"]).all()
    assert both["score"].to_numpy() == pytest.approx(both["score out"].to_numpy(), abs=1e-12)


def test_a_value_is_kept_where_all_rows_of_a_cell_agree(tmp_path: Path) -> None:
    lines = [HEADER]
    for n in (0, 10):
        for seed in (0, 1):
            for language in ("en", "es"):
                for item in ("a", "b"):
                    answer = item if n else "same"
                    lines.append(f"m,single,t,en+es,{n},{seed},{language},{item},1,h{seed},x,{answer},2")
                    lines.append(f"m,single,t,en+es,{n},{seed},{language},{item},1,older,x,older,1")
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(lines))
    found = frame(path)
    assert list(found) == [*COLUMNS, "host", "role (input)", "answer"] and len(found) == 8
    assert (found["host"] == "h" + found["run"]).all()
    assert set(found["role"]) == {"english", "trained"} and set(found["role (input)"]) == {"x"}
    assert list(found["answer"]) == ["same" if n == 0 else "" for n in found["samples_per_language"]]


def test_without_further_columns_the_means_stand_alone(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    pd.read_csv(PAPER).drop(columns="table").to_csv(path, index=False)
    rows = read_scores(path).rows
    every = list(curves(rows))
    pd.testing.assert_frame_equal(score_frame(every, rows), cell_means(every))
