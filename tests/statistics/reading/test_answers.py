"""What is read is what evaluation stored, the worst first."""

import re

import pytest

from clt.errors import StoreError
from clt.statistics.reading.answers import LanguageAnswers, cell_answers
from clt.statistics.reading.wording import item_line, rates_line, scores_line
from tests.statistics.reading.conftest import EXAMPLES, HOSTILE, Evaluated


def read(evaluated: Evaluated, task: str, language: str, **options: int) -> LanguageAnswers:
    places = {"tasks": [task], "languages": [language]}
    (found,) = cell_answers(evaluated.store, evaluated.record, evaluated.cell, **places, **options).answers
    return found


def test_every_task_and_language_has_its_answers_in_the_studys_order(evaluated: Evaluated) -> None:
    found = cell_answers(evaluated.store, evaluated.record, evaluated.cell)
    assert [(each.task, each.language) for each in found.answers] == [
        (task, code) for task in ("sums", "talk") for code in ("en", "es", "ar")
    ]
    assert (found.study, found.cell, found.step) == ("told", evaluated.cell.key, 0)


def test_an_item_has_what_was_asked_written_read_and_scored(evaluated: Evaluated) -> None:
    found = read(evaluated, "sums", "es")
    item = next(each for each in found.shown if each.id == "0")
    assert (item.prompt, item.answer, item.extracted, item.reference) == ("4 más 4", HOSTILE, "48", "8")
    assert list(item.scores) == ["math_answer", "language_fidelity"] and item.scores["math_answer"] == 0
    assert found.examples == tuple(EXAMPLES) and found.reads


def test_the_worst_come_first_and_what_is_unscored_last(evaluated: Evaluated) -> None:
    assert [item.scores["math_answer"] for item in read(evaluated, "sums", "en").shown] == [0, 1, None]
    assert [item.scores["judge"] for item in read(evaluated, "talk", "en").shown] == [1, 4, 5]


def test_a_limit_counts_for_a_language_and_all_are_known(evaluated: Evaluated) -> None:
    found = read(evaluated, "talk", "es", limit=2)
    assert ([item.scores["judge"] for item in found.shown], found.items) == ([1, 4], 3)


def test_failures_are_what_has_no_full_marks(evaluated: Evaluated) -> None:
    assert [item.id for item in read(evaluated, "sums", "en", only_failures=True).shown] == ["1"]
    assert [item.scores["judge"] for item in read(evaluated, "talk", "en", only_failures=True).shown] == [1, 4]


def test_the_judges_reply_stands_beside_the_answer_that_it_is_about(evaluated: Evaluated) -> None:
    assert [item.reply for item in read(evaluated, "talk", "ar").shown] == ["<i>1</i>", "<i>4</i>", "<i>5</i>"]
    assert {item.reply for item in read(evaluated, "sums", "ar").shown} == {None}


def test_rates_scores_and_endings_are_said_in_a_line(evaluated: Evaluated) -> None:
    found = read(evaluated, "sums", "ar")
    shares = r"no answer 33\.3%, wrong language \d+\.\d%, hit the limit 33\.3%, prompt cut 0\.0%, examples lost 0\.0%"
    assert re.fullmatch(f"Of 3 answers: {shares}", rates_line(found))
    by_id = {item.id: item for item in found.shown}
    assert scores_line({"math_answer": 1.0, "rouge_l": 1 / 3, "judge": None}) == (
        "math answer 1, rouge l 0.333, judge unscored"
    )
    assert item_line(by_id["0"], found).endswith("; ended by itself after 3 tokens")
    assert item_line(by_id["2"], found).endswith("; cut off at the limit after 2 tokens")


def test_a_cell_that_is_not_evaluated_is_named(evaluated: Evaluated) -> None:
    other = next(cell for cell in evaluated.record.grid.cells if not cell.is_base)
    with pytest.raises(StoreError, match=f"cell {other.key} is not evaluated yet"):
        cell_answers(evaluated.store, evaluated.record, other)
