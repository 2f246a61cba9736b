"""A table of scores is understood or refused with line and column."""

from pathlib import Path

import pytest

from clt.errors import DataError
from clt.statistics import report_csv
from clt.statistics.scores.from_csv import read_scores

HEADER = "model,setting,task,train_languages,samples_per_language,language,score"
GOOD = [
    "small,single,math,en+es,0,en,0.5",
    "small,single,math,en+es,0,es,0.2",
    "small,single,math,en+es,0,pt,0.1",
    "small,single,math,en+es,10,en,0.5",
    "small,single,math,en+es,10,es,0.4",
    "small,single,math,en+es,10,pt,0.2",
]


def write(path: Path, lines: list[str], header: str = HEADER) -> Path:
    path = path / "scores.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_good_table_becomes_rows_with_exposure(tmp_path: Path) -> None:
    rows = read_scores(write(tmp_path, GOOD)).rows
    assert list(rows["exposure"]) == ["english", "unseen", "unseen", "english", "seen", "unseen"]
    assert set(rows["setting"]) == {"single_task"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("small,single,math,en+es,0,en,", r":2: score: got '', expected a number"),
        ("small,single,math,en+es,0,en,nan", r":2: score: got 'nan', expected a finite number"),
        ("small,single,math,en+es,0,en,0;5", r":2: score: got '0;5', expected a finite number"),
        ("small,single,math,en+es,-1,en,0.5", r":2: samples_per_language: got .*whole number, 0 or more"),
        ("small,both,math,en+es,0,en,0.5", r":2: setting: got 'both', expected one of single_task, multi_task, base"),
        ("small,single,math,en+es,0,Spanish,0.5", r":2: language: got 'Spanish', expected a lower-case ISO 639"),
        ("small,single,math,en+es+es,0,en,0.5", r":2: train_languages: got 'en\+es\+es', .*each once"),
        (",single,math,en+es,0,en,0.5", r":2: model: got '', expected a value"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_line_and_column(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_scores(write(tmp_path, [line]))


def test_a_duplicate_names_both_lines(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":8: this score stands in line 3 already"):
        read_scores(write(tmp_path, [*GOOD, GOOD[1]]))


def test_a_score_outside_its_metrics_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":2: score: got .*between 0 and 1, the range of exact_match"):
        read_scores(write(tmp_path, ["small,single,math,en+es,0,en,1.5,exact_match"], HEADER + ",metric"))


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_scores(tmp_path / "absent.csv")


def test_a_report_of_a_table_is_complete_and_moves_no_other_file(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "notes.txt").write_text("mine")
    assert report_csv(write(tmp_path, GOOD), output) == output
    names = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    expected = {
        "report.html",
        "statistics.json",
        "tables/points.csv",
        "tables/findings.csv",
        "figures/overview-math.svg",
    }
    assert expected <= names
    assert (output / "notes.txt").read_text() == "mine" and not [name for name in names if name.endswith(".part")]
