"""Every part of statistics.json as a flat table, and all files in a user's folder."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from clt.errors import UserError
from clt.statistics.compute import compute_statistics
from clt.statistics.document import Statistics
from clt.statistics.tables import tables
from clt.statistics.write import copy_files, write_files
from tests.statistics.conftest import made_rows, made_table
from tests.statistics.filled import filled

EXPECTED = (
    "points gains findings group_gains conditions rules recommendations glance donors allocation comparisons noise "
    "steps outliers variance variance_within_tasks variance_held_out random_effects dynamics dynamics_points "
    "dynamics_spearman transfer_matrix "
    "languages covariates claims"
)


@pytest.fixture(scope="module")
def full(make_rows: Callable[..., pd.DataFrame], table_of: Callable) -> Statistics:
    rows = [
        make_rows(items=20, seeds=(0, 1)),
        make_rows(items=20, trained=("es", "fr"), held_out=("ja", "zh", "pt", "ar", "ko"), base=False),
    ]
    return filled(compute_statistics(table_of(pd.concat([rows[0], rows[1].assign(mixture="latin")]))))


def test_every_part_that_holds_something_is_a_table_with_rows_of_one_shape(full: Statistics) -> None:
    found = tables(full)
    assert set(EXPECTED.split()) <= set(found)
    for rows in found.values():
        assert len({tuple(row) for row in rows}) == 1
        for row in rows:
            assert all(value is None or isinstance(value, str | int | float | bool) for value in row.values())


def test_every_estimate_of_every_point_is_one_row(full: Statistics) -> None:
    frame = pd.DataFrame(tables(full)["points"])
    keys = ["study", "task", "metric", "model", "setting", "mixture", "train_languages", "samples_per_language"]
    assert not frame.duplicated([*keys, "measure", "language"]).any()
    curve = full.curves[0]
    point = curve.points[-1]
    assert point.change is not None
    mine = frame[(frame["mixture"] == curve.mixture) & (frame["samples_per_language"] == point.samples_per_language)]
    value = mine[mine["metric"] == curve.metric].set_index(["measure", "language"])["value"]
    assert value["unseen", ""] == point.unseen.value
    assert value["change_unseen", ""] == point.change.unseen.value
    assert value["score", "ko"] == point.per_language["ko"].value


def test_what_belongs_to_a_curve_has_its_identity_in_front(full: Statistics) -> None:
    for name in ("findings", "outliers", "steps", "conditions", "dynamics", "dynamics_points"):
        row = tables(full)[name][0]
        assert list(row)[:3] == ["study", "task", "metric"] and row["train_languages"]


def test_an_estimate_keeps_its_interval_method_and_reason(full: Statistics) -> None:
    finding = full.findings[0]
    row = tables(full)["findings"][0]
    assert [row[f"change_{part}"] for part in ("low", "high", "method", "reason", "at")] == [
        finding.change.low, finding.change.high, finding.change.method, finding.change.reason, finding.change.at,
    ]  # fmt: skip
    undefined = next(row for row in tables(full)["covariates"] if row["correlation"] is None)
    assert undefined["correlation_reason"]


def test_the_folder_holds_page_figures_tables_and_the_json(full: Statistics, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    write_files(full, made_table(made_rows(items=2)), tmp_path / "made")
    output = tmp_path / "out"
    copy_files(tmp_path / "made", output)
    names = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    assert {"report.html", "statistics.json", "tables/scores.csv", "figures/gains.svg"} <= names
    assert {f"tables/{name}.csv" for name in tables(full)} <= names
    assert not [name for name in names if name.endswith(".part")]
    assert len(pd.read_csv(output / "tables/scores.csv")) == 4 * 8  # n and languages
    again = pd.read_csv(output / "tables/findings.csv")
    assert len(again) == len(full.findings)


def test_the_json_is_moved_into_place_last(full: Statistics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made").mkdir()
    write_files(full, made_table(made_rows(items=2)), tmp_path / "made")
    moved = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, target: moved.append(Path(target).name) or replace(self, target))
    copy_files(tmp_path / "made", tmp_path / "out")
    assert moved[-1] == "statistics.json" and moved.count("statistics.json") == 1


def test_a_folder_that_cannot_be_written_is_a_users_error(full: Statistics, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    write_files(full, made_table(made_rows(items=2)), tmp_path / "made")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UserError, match="out: the report cannot be written"):
        copy_files(tmp_path / "made", tmp_path / "out")
