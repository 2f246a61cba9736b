"""Solved examples and choices: which rows they are, that none is a test item, that they are part of what is asked."""

import pytest

from clt.data import mix
from clt.errors import DataError
from tests.data.conftest import LANGUAGES, Workplace, problem, read_jsonl, write_jsonl

QUESTION = "Question: {question}\nAnswer: "


def shots_of(workplace: Workplace, **task: object) -> list[dict[str, str]]:
    record = workplace.plan(workplace.study(task=task))
    mix(workplace.store, record.key, record.grid.cells[0].key)
    return read_jsonl(workplace.store.fetch(record.items_key("math")) / "shots.jsonl")


def asked(number: int, language: str = "en") -> dict[str, str]:
    row = problem(language, number)
    return {"language": language, "prompt": QUESTION.format(**row), "answer": row["answer"]}


def test_examples_are_the_first_rows_of_the_source_in_each_language(workplace: Workplace) -> None:
    shots = shots_of(workplace, shots=3)
    assert [row for row in shots if row["language"] == "ja"] == [asked(number, "ja") for number in range(3)]
    assert {row["language"] for row in shots} == set(LANGUAGES)


def test_examples_by_ids_are_the_same_items_in_parallel_languages(workplace: Workplace) -> None:
    shots = shots_of(workplace, shots={"count": 4, "order": "ids"})
    answers = {tuple(row["answer"] for row in shots if row["language"] == code) for code in LANGUAGES}
    assert len(answers) == 1


def test_a_test_item_is_no_example_by_its_id_or_its_text(workplace: Workplace) -> None:
    same_text = problem("en", 501) | {"id": "other"}
    same_id = problem("en", 70) | {"id": "item-502"}
    write_jsonl(workplace.folder / "shots.en.jsonl", [same_text, same_id, *(problem("en", n) for n in (80, 81))])
    source = str(workplace.folder / "shots.{language}.jsonl")
    own = {"count": 2, "source": {"path": source}, "languages": dict.fromkeys(LANGUAGES[1:], "en")}
    shots = shots_of(workplace, shots=own)
    assert [row for row in shots if row["language"] == "en"] == [asked(80), asked(81)]
    assert [row["prompt"] for row in shots if row["language"] == "ko"] == [asked(80)["prompt"], asked(81)["prompt"]]
    with pytest.raises(DataError, match=r"tasks.math.shots: .* has 2 examples for .. that are no test"):
        shots_of(workplace, shots=own | {"count": 3})


def test_examples_have_templates_of_their_own(workplace: Workplace) -> None:
    shots = shots_of(workplace, shots={"count": 1, "prompt": "{question}\n", "answer": "{answer}!"})
    row = problem("en", 0)
    assert {"language": "en", "prompt": row["question"] + "\n", "answer": row["answer"] + "!"} in shots


def test_examples_change_what_is_asked_and_no_mixture(workplace: Workplace) -> None:
    plain, few = (workplace.plan(workplace.study(task=task)) for task in ({}, {"shots": 2}))
    cell = plain.grid.cells[-1]
    assert plain.mixture_key(cell) == few.mixture_key(cell) and plain.training_key(cell) == few.training_key(cell)
    assert plain.items_key("math") != few.items_key("math")
    assert {answer.key for answer in plain.answers(cell, 1)}.isdisjoint({answer.key for answer in few.answers(cell, 1)})


def choices_of(workplace: Workplace, right_is: str | None = None, **columns: str) -> list[dict[str, object]]:
    for language in LANGUAGES:
        rows = [
            problem(language, number) | {"a": "yes", "b": "no", "c": "", "right": "2"} | columns
            for number in (500, 501)
        ]
        write_jsonl(workplace.test(language), rows)
    options = {"options": ["{a}", "{b}", "{c}"], "right": "{right}", "right_is": right_is}
    study = workplace.study(task={"choices": options, "metrics": ["choice_accuracy"]})
    record = workplace.plan(study)
    mix(workplace.store, record.key, record.grid.cells[0].key)
    return [row for row in workplace.items(record)[0] if row["language"] == "en"]


@pytest.mark.parametrize("right", ["2", "B", "no", " 2 "])
def test_the_right_choice_is_its_number_its_letter_or_its_text_and_blank_choices_are_none(
    workplace: Workplace, right: str
) -> None:
    for row in choices_of(workplace, right=right):
        assert (row["choices"], row["right"], row["reference"]) == (["yes", "no"], 1, "no")


def test_a_number_that_could_be_a_choice_or_its_place_is_refused_unless_the_study_says_which(
    workplace: Workplace,
) -> None:
    numbers = {"a": "3", "b": "2", "c": "4", "right": "3"}
    with pytest.raises(DataError, match=r"got '3' as the right one of 3 choices, which names several of them"):
        choices_of(workplace, **numbers)
    assert [row["reference"] for row in choices_of(workplace, "number", **numbers)] == ["4", "4"]
    assert [row["reference"] for row in choices_of(workplace, "text", **numbers)] == ["3", "3"]


@pytest.mark.parametrize("right", ["3", "4", "D", "maybe"])
def test_a_right_choice_that_is_none_is_named_with_its_item(workplace: Workplace, right: str) -> None:
    with pytest.raises(DataError, match=rf"item 'item-50.': got '{right}' as the right one of 3 choices"):
        choices_of(workplace, right=right)


def test_checks_of_form_go_with_their_item_and_one_that_is_none_is_named(workplace: Workplace) -> None:
    for language in LANGUAGES:
        rows = [problem(language, number) | {"form": '[{"check": "words", "at_most": 5}]'} for number in (500, 501)]
        write_jsonl(workplace.test(language), rows)
    study = workplace.study(task={"constraints": "{form}", "metrics": ["constraints"]})
    record = workplace.plan(study)
    mix(workplace.store, record.key, record.grid.cells[0].key)
    assert {row["constraints"] for row in workplace.items(record)[0]} == {'[{"check": "words", "at_most": 5}]'}
    write_jsonl(workplace.test("en"), [problem("en", 500) | {"form": '[{"check": "wards"}]'}])
    with pytest.raises(DataError, match=r"test.en.jsonl: item 'item-500': constraints: check: got 'wards'"):
        workplace.plan(study)
