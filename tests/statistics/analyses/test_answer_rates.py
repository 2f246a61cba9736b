"""How answers came about is counted at the ends of every curve, and gains that it could explain are named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from clt.statistics import ScoreTable, Statistics, compute_statistics, read_studies, write_report
from clt.statistics.scores.table import COUNTS, CURVE, RUN
from clt.store import open_store
from tests.answered_study import Told, store_answers, told_record
from tests.statistics.reading.conftest import EXAMPLES, told

NONE = dict.fromkeys(("no_answer", "wrong_language", "hit_limit", "truncated", "lost_examples"), 0)
MakeRows = Callable[..., pd.DataFrame]


@pytest.fixture
def table(make_rows: MakeRows, table_of: Callable[[pd.DataFrame], ScoreTable]) -> ScoreTable:
    """One curve whose trained languages are right in every second item at n = 0, and always at the largest n."""
    rows = make_rows(items=40, counts=(0, 80), base=True)
    even = rows["item"].str[-1].astype(int) % 2 == 0
    trained = rows["language"].isin(["es", "fr", "ja", "zh"])
    rows["score"] = (even | (trained & (rows["samples_per_language"] == 80))).astype(float)
    return table_of(rows)


def with_counts(table: ScoreTable, wrong: Callable[[float | None, str], int]) -> ScoreTable:
    """The table with 40 answers a place, of which `wrong` says how many are in the wrong language."""
    places = table.rows[[*CURVE, *RUN, "language"]].drop_duplicates().reset_index(drop=True)
    counts = [wrong(n, code) for n, code in zip(places["samples_per_language"], places["language"], strict=True)]
    return replace(table, answers=places.assign(items=40, **NONE).assign(wrong_language=counts)[list(COUNTS)])


def computed(table: ScoreTable) -> Statistics:
    return compute_statistics(table)


def test_a_gain_that_only_the_right_language_could_make_is_named(table: ScoreTable) -> None:
    found = computed(with_counts(table, lambda n, code: 20 if n == 0 and code in ("es", "fr", "ja", "zh") else 0))
    (shift,) = found.answer_shifts
    assert (shift.group, shift.rate, shift.before, shift.after) == ("seen", "wrong_language", 0.5, 0.0)
    assert shift.gain == pytest.approx(0.5)


@pytest.mark.parametrize("wrong", [0, 10], ids=["none", "half of the gain"])
def test_a_rate_that_moved_by_no_more_than_half_of_the_gain_names_nothing(table: ScoreTable, wrong: int) -> None:
    assert computed(with_counts(table, lambda n, _: wrong if n == 0 else 0)).answer_shifts == []


def test_every_language_has_its_rates_at_the_base_model_and_both_ends(table: ScoreTable) -> None:
    found = computed(with_counts(table, lambda n, code: 4 if code == "ko" else 0)).answer_rates
    assert {each.samples_per_language for each in found} == {None, 0, 80}
    assert len(found) == 3 * 8 and {each.items for each in found} == {40}
    assert {each.wrong_language for each in found if each.language == "ko"} == {0.1}


def test_repeated_runs_count_together(make_rows: MakeRows, table_of: Callable[[pd.DataFrame], ScoreTable]) -> None:
    table = table_of(make_rows(items=10, counts=(0, 80), seeds=(0, 1), base=False))
    found = computed(with_counts(table, lambda n, _: 40 if n == 80 else 0)).answer_rates
    assert {(each.samples_per_language, each.items, each.wrong_language) for each in found} == {(0, 80, 0), (80, 80, 1)}


def test_the_page_shows_them_beside_every_curve_and_says_what_it_means(table: ScoreTable, tmp_path: Path) -> None:
    counted = with_counts(table, lambda n, code: 20 if n == 0 else 0)
    page = (write_report(computed(counted), counted, tmp_path) / "report.html").read_text(encoding="utf-8")
    assert "How answers came about" in page and "0.0% → 50.0% → 0.0%" in page
    assert "fell from 50.0% to 0.0%: more than half of the gain may be answering in the right language" in page
    assert (tmp_path / "tables" / "answer_rates.csv").is_file()


def test_a_table_without_counts_has_no_such_section(table: ScoreTable, tmp_path: Path) -> None:
    statistics = computed(table)
    assert statistics.answer_rates == [] == statistics.answer_shifts
    page = (write_report(statistics, table, tmp_path) / "report.html").read_text(encoding="utf-8")
    assert 'id="answer-rates"' not in page and "Are answers better" not in page


def test_a_store_has_the_counts_of_every_selected_checkpoint(tmp_path: Path) -> None:
    store, record = open_store(tmp_path), told_record()
    for cell in record.grid.cells:
        said = {place: said for place, said in told().said.items() if place[0] in cell.tasks}
        store_answers(store, record, cell, Told(said=said, examples=EXAMPLES))
    table = read_studies(store, [record.key])
    arabic = table.answers[(table.answers["task"] == "sums") & (table.answers["language"] == "ar")]
    assert len(arabic) == 3 and set(arabic["metric"]) == {"math_answer"}  # the base model, n = 0 and n = 10
    assert set(arabic["items"]) == {3} and set(arabic["no_answer"]) == set(arabic["hit_limit"]) == {1}
    rates = [each for each in compute_statistics(table).answer_rates if each.language == "ar"]
    assert {(each.curve.split("/")[1], each.samples_per_language) for each in rates} == {
        (task, n) for task in ("sums", "talk") for n in (None, 0, 10)
    }
