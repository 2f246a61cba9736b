"""Test items: which rows, in which order, and how many all languages share."""

from clt.data import mix
from tests.data.conftest import LANGUAGES, problem, write_jsonl


def items_of(workplace, **changes):
    record = workplace.plan(workplace.study(**changes))
    mix(workplace.store, record.key, record.grid.cells[0].key)
    return workplace.items(record)


def ids(rows, language):
    return [row["id"] for row in rows if row["language"] == language]


def test_a_base_model_has_items_and_no_mixture(workplace):
    rows, metadata = items_of(workplace)
    assert metadata["counts"] == dict.fromkeys(sorted(LANGUAGES), 5)
    assert metadata["task"] == "math"
    assert metadata["shared_items"] == 5
    assert not workplace.store.keys("mixtures")
    first = next(row for row in rows if row["id"] == "item-500" and row["language"] == "ja")
    source = problem("ja", 500)
    assert first["prompt"] == f"Question: {source['question']}\nAnswer: "
    assert first["reference"] == source["answer"]


def test_prompts_of_training_and_test_are_the_same_text(workplace):
    write_jsonl(workplace.test("ja"), [problem("ja", number) | {"id": f"test-{number}"} for number in range(200, 205)])
    workplace.add(workplace.train("ja"), problem("ja", 200) | {"id": "test-same"})
    record = workplace.plan(workplace.study())
    mixed = workplace.mixture(record, record.grid.cells[-1].key)
    row = mixed.train[0]
    assert row["prompt"] == f"Question: {problem(row['language'], int(row['id'].split('-')[1]))['question']}\nAnswer: "


def test_max_items_takes_the_same_shared_items_in_every_language(workplace):
    for language in LANGUAGES[1:]:
        extra = [problem(language, number) | {"id": f"{language}-{number}"} for number in range(600, 640)]
        workplace.add(workplace.test(language), *extra)
    rows, metadata = items_of(workplace, evaluation={"max_items": 3})
    chosen = {tuple(ids(rows, language)) for language in LANGUAGES}
    assert len(chosen) == 1
    assert metadata["shared_items"] == 3
    more, _ = items_of(workplace, evaluation={"max_items": 4})
    assert ids(more, "en")[:3] == ids(rows, "en")


def test_the_first_items_are_not_the_first_rows(workplace):
    workplace.data(test=40)
    rows, _ = items_of(workplace, evaluation={"max_items": 10})
    assert set(ids(rows, "en")) != {f"item-{number}" for number in range(500, 510)}


def test_languages_fill_up_with_items_of_their_own(workplace):
    write_jsonl(workplace.test("ko"), [problem("ko", number) for number in (501, 503)])
    rows, metadata = items_of(workplace, evaluation={"max_items": 4})
    assert metadata["counts"] == {"ar": 4, "en": 4, "ja": 4, "ko": 2, "zh": 4}
    assert metadata["shared_items"] == 2
    assert {"item-501", "item-503"} <= set(ids(rows, "en"))
    assert ids(rows, "en") == [item for item in ids(rows, "zh") if item in ids(rows, "en")]  # in one order everywhere


def test_shared_items_may_be_none(workplace):
    write_jsonl(workplace.test("ko"), [problem("ko", number) | {"id": f"ko-{number}"} for number in (501, 503)])
    assert items_of(workplace)[1]["shared_items"] == 0


def test_items_are_written_once_for_all_cells(workplace):
    record = workplace.plan(workplace.study())
    for cell in record.grid.cells:
        mix(workplace.store, record.key, cell.key)
    assert len(workplace.store.keys("items")) == 1


def test_the_same_items_are_the_same_rows_whatever_other_languages_are_evaluated(workplace):
    write_jsonl(workplace.test("ko"), [problem("ko", number) for number in (501, 503)])
    with_ko = workplace.plan(workplace.study())
    without = workplace.plan(workplace.study(languages={"train": ["ja"], "evaluate": ["en", "ja"]}))
    assert with_ko.facts.items["math/ja"] == without.facts.items["math/ja"]
