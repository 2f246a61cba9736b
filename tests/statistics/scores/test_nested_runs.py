"""A run made again with the same seed is no further run: what it adds to certainty is nothing, and the page says so."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clt.statistics import write_report
from clt.statistics.analyses.dynamics.compute import pooled_spearman
from clt.statistics.compute import compute_statistics
from clt.statistics.curve.schema import Curve
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.further_columns import score_frame
from clt.statistics.scores.table import ScoreTable

MakeRows = Callable[..., pd.DataFrame]
TableOf = Callable[[pd.DataFrame], ScoreTable]


@pytest.fixture
def rows(make_rows: MakeRows) -> pd.DataFrame:
    """Three seeds of one curve."""
    return make_rows(items=20, counts=(0, 80), seeds=(0, 1, 2), base=False)


def again(rows: pd.DataFrame, *, redrawn: bool) -> pd.DataFrame:
    """Every run twice with its seed: bit-equal, or with other answers the second time."""
    second = rows.assign(repeat="again")
    if redrawn:
        second["score"] = np.random.default_rng(5).permutation(second["score"].to_numpy())
    return pd.concat([rows, second], ignore_index=True)


def document(table: ScoreTable) -> Curve:
    return compute_statistics(table).curves[0]


def test_equal_repeats_of_a_seed_leave_every_interval_as_it_is(rows: pd.DataFrame, table_of: TableOf) -> None:
    """Counted as runs they made intervals narrower by the root of 2 and their coverage 84%."""
    once, twice = document(table_of(rows)), document(table_of(again(rows, redrawn=False)))
    assert twice.model_copy(update={"repeated_seeds": []}) == once
    assert [(each.seed, each.repeats, each.different) for each in twice.repeated_seeds] == [(k, 2, 1) for k in "012"]


def test_a_run_is_the_mean_over_the_repeats_of_its_seed(rows: pd.DataFrame) -> None:
    (data,) = curves(again(rows, redrawn=True))
    first, second = (next(iter(curves(part))) for _, part in again(rows, redrawn=True).groupby("repeat"))
    assert data.runs == ("0", "1", "2") and {each.different for each in data.repeated_seeds} == {2}
    assert data.sample.scores == pytest.approx((first.sample.scores + second.sample.scores) / 2)


def test_a_repeat_that_is_not_complete_is_left_out_by_name_and_its_seed_stays(rows: pd.DataFrame) -> None:
    twice = again(rows, redrawn=False)
    (data,) = curves(twice[(twice["repeat"] == "") | (twice["seed"] != 1) | (twice["samples_per_language"] == 0)])
    assert data.runs == ("0", "1", "2") and data.left_out_runs == ("1/again",)
    assert [each.seed for each in data.repeated_seeds] == ["0", "2"]


def test_further_columns_stand_beside_the_mean_of_the_repeats(rows: pd.DataFrame) -> None:
    table = again(rows, redrawn=True).assign(host=lambda frame: "h" + frame["seed"].astype(str))
    frame = score_frame(list(curves(table)), table)
    assert len(frame) == 3 * 2 * 8 and (frame["host"] == "h" + frame["run"]).all()


def test_the_correlation_over_runs_counts_a_seed_once(rows: pd.DataFrame, table_of: TableOf) -> None:
    assert pooled_spearman(table_of(again(rows, redrawn=False))) == pooled_spearman(table_of(rows))


@pytest.mark.parametrize("redrawn", [True, False])
def test_the_page_tells_repeats_from_runs(rows: pd.DataFrame, table_of: TableOf, tmp_path: Path, redrawn: bool) -> None:
    table = table_of(again(rows, redrawn=redrawn))
    page = (write_report(compute_statistics(table), table, tmp_path) / "report.html").read_text(encoding="utf-8")
    assert "Repeats of one seed count as one run, their mean: seeds 0, 1, 2." in page
    assert ("nothing was redrawn" in page) is not redrawn
