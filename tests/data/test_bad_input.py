"""Bad input is refused when the study is planned, with place, value, what is expected and the next step."""

import json
import re

import pytest

from clt.data import inspect_sources, mix
from clt.errors import DataError, StudyError
from clt.planning import plan_study
from clt.store import open_store, publish_record
from clt.study import expand


def refusal(workplace, **changes) -> str:
    """What planning says; nothing may have been published."""
    study = workplace.study(**changes)
    with pytest.raises(DataError) as caught:
        workplace.plan(study)
    assert not workplace.store.keys("studies")
    return str(caught.value)


ROW = {"id": "x", "question": "How many?", "answer": "3"}
BAD_ROWS = {
    "not JSON": ('{"id": "x", "question"', ["is no JSON at column 24", "expected one JSON object a line"]),
    "not an object": (["x"], ["got a list, expected a JSON object with columns"]),
    "missing column": (
        {"id": "x", "query": "How many?", "answer": "3"},
        ["question: there is no such column", "those in the row (answer, id, query)", "`columns`"],
    ),
    "no id": ({**ROW, "id": None}, ["id: got null, expected text or a whole number"]),
    "empty answer": ({**ROW, "answer": " \n"}, ["answer: is blank, expected some text"]),
    "empty prompt": ({**ROW, "question": ""}, ["question: is blank, expected some text"]),
    "not text": ({**ROW, "question": ["How", "many?"]}, ["question: got a list, expected text or a number"]),
    "duplicate id": ({**ROW, "id": "item-7"}, ["id: got 'item-7' again", "train.ja.jsonl:8)", "expected each id once"]),
}


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_a_bad_row_is_refused_with_file_and_line(workplace, reason):
    row, parts = BAD_ROWS[reason]
    workplace.add(workplace.train("ja"), row)
    message = refusal(workplace)
    assert message.startswith(f"{workplace.train('ja')}:61: ")
    for part in [*parts, "`on_bad_row: skip`"]:
        assert part in message


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_a_bad_row_is_skipped_and_counted(workplace, reason):
    workplace.add(workplace.train("ja"), BAD_ROWS[reason][0])
    source = {"path": str(workplace.folder / "train.{language}.jsonl"), "on_bad_row": "skip"}
    record = workplace.plan(workplace.study(task={"train": source}))
    assert record.facts.source("math", "train", "ja").rows == 60
    metadata = workplace.mixture(record, record.grid.cells[-1].key).metadata
    assert metadata["dropped"] == {reason: 1}
    facts = {"count": 1, "examples": [f"{workplace.train('ja')}:61"]}
    assert metadata["dropped_rows"] == {"math": {"ja": {reason: facts}}}


def test_a_row_without_id_says_how_to_do_without(workplace):
    workplace.add(workplace.test("ar"), {"question": "How many?", "answer": "3"})
    message = refusal(workplace)
    assert message.startswith(f"{workplace.test('ar')}:6: id: there is no such column")
    assert "`ids: row`" in message


def test_blank_lines_and_a_byte_order_mark_are_no_rows(workplace):
    path = workplace.train("ja")
    before = workplace.plan(workplace.study()).facts.source("math", "train", "ja")
    path.write_text("\ufeff" + path.read_text(encoding="utf-8").replace("\n", "\n\n"), encoding="utf-8")
    record = workplace.plan(workplace.study())
    after = record.facts.source("math", "train", "ja")
    assert (after.rows, after.mean_bytes) == (before.rows, before.mean_bytes)
    workplace.mixture(record, record.grid.cells[-1].key)


def test_numbers_are_read_as_text(workplace):
    workplace.data(rows=lambda language, number: {"id": number, "question": f"{language} {number}?", "answer": number})
    record = workplace.plan(workplace.study())
    mixed = workplace.mixture(record, record.grid.cells[-1].key)
    assert {row["id"] for row in mixed.train} == {row["answer"] for row in mixed.train}


def test_more_rows_than_the_source_has(workplace):
    mixtures = [{"english_samples": 20, "samples_per_language": [4968]}]
    message = refusal(workplace, mixtures=mixtures)
    assert message == (
        "task math, language ja: 4972 rows asked for (4968 + 4 for validation), the source has 60 "
        f"({workplace.train('ja')}); at most 56 can be trained on: lower the mixture's counts, or use a larger source"
    )


def test_exactly_the_rows_that_the_source_has_are_enough(workplace):
    workplace.plan(workplace.study(mixtures=[{"english_samples": 56, "samples_per_language": [56]}]))
    message = _message(workplace, mixtures=[{"english_samples": 57, "samples_per_language": [0]}])
    assert "language en: 61 rows asked for (57 + 4 for validation), the source has 60" in message


def _message(workplace, **changes) -> str:
    study = workplace.study(**changes)
    with pytest.raises(DataError) as caught:
        inspect_sources(study, expand(study))
    return str(caught.value)


def test_too_few_rows_once_test_items_are_dropped(workplace):
    for language in ("en", "ja", "zh", "ar", "ko"):
        rows = [json.loads(line) for line in workplace.train(language).read_text(encoding="utf-8").splitlines()[:3]]
        workplace.add(workplace.test(language), *(row | {"id": f"other-{row['id']}"} for row in rows))
    message = _message(workplace, mixtures=[{"english_samples": 20, "samples_per_language": [54]}])
    assert "language ja: 58 rows asked for (54 + 4 for validation), the source has 60" in message
    assert ", and 3 of them left out as test items or their translations; at most 53 can be trained on" in message


def test_fewer_rows_than_validation_needs(workplace):
    message = _message(workplace, training={"epochs": 1, "validation_rows": 64})
    assert "64 rows asked for validation, the source has 60" in message
    assert "lower training.validation_rows" in message


def test_a_missing_file_names_path_and_language(workplace):
    workplace.train("zh").unlink()
    message = refusal(workplace)
    assert message.startswith("tasks.math.train, language zh: ")
    assert f"{workplace.train('zh')}: there is no such file, expected a jsonl file, or csv" in message


def test_a_language_without_test_items(workplace):
    workplace.test("ko").write_text("\n")
    message = refusal(workplace)
    assert message.startswith(f"task math, language ko: there are no test items in {workplace.test('ko')}")
    assert "take ko out of languages.evaluate" in message


def test_declared_rows_cannot_be_run(workplace):
    study = workplace.study(task={"train": {"rows": 1000}})
    with pytest.raises(
        DataError, match=re.escape("only a number of rows is declared (`rows:`), expected `path` or `hub`")
    ):
        plan_study(workplace.store, study)


def edited(text, how):
    """The text of a training file after an edit that reaches the rows of a mixture."""
    lines = text.splitlines(keepends=True)
    changes = {
        "another answer of as many bytes": re.sub(r'"answer": "\d', '"answer": "0', text),
        "all rows moved": '{"id": "first", "question": "Which comes first?", "answer": "This."}\n' + text,
        "rows in another order": "".join(reversed(lines)),
        "cut short": text[: len(text) // 2],
        "other columns": text.replace("question", "problems"),
    }
    return changes[how]


@pytest.mark.parametrize(
    "how",
    ["another answer of as many bytes", "all rows moved", "rows in another order", "cut short", "other columns"],
)
def test_a_file_whose_drawn_rows_changed_after_planning_is_refused(workplace, how):
    record = workplace.plan(workplace.study())
    path = workplace.train("ja")
    path.write_text(edited(path.read_text(encoding="utf-8"), how), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        mix(workplace.store, record.key, record.grid.cells[-1].key)
    assert "train.ja.jsonl: has changed since the study was planned (checksum" in str(caught.value)
    assert "plan the study again" in str(caught.value)
    assert not workplace.store.keys("mixtures")


def test_items_that_changed_after_planning_are_refused(workplace):
    record = workplace.plan(workplace.study())
    path = workplace.test("ja")
    path.write_text(path.read_text(encoding="utf-8").replace("りんご", "みかん"), encoding="utf-8")
    with pytest.raises(DataError, match=r"test\.ja\.jsonl: has changed since the study was planned"):
        mix(workplace.store, record.key, record.grid.cells[0].key)
    assert not workplace.store.keys("items")


def test_a_file_that_changed_after_planning_is_refused_where_it_has_to_be_read_anew(workplace):
    record = workplace.plan(workplace.study())
    workplace.add(workplace.train("ja"), ROW)
    other = open_store(workplace.folder / "other")  # has none of the indexes that the plan made
    publish_record(other, record)
    with pytest.raises(DataError, match=r"train\.ja\.jsonl: has changed since the study was planned"):
        mix(other, record.key, record.grid.cells[-1].key)


def test_an_unknown_cell_is_refused(workplace):
    record = workplace.plan(workplace.study())
    with pytest.raises(StudyError, match=r"cell 'nonsense': not in study mixing-.*such as tiny-base"):
        mix(workplace.store, record.key, "nonsense")
