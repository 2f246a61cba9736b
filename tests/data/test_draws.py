"""Keys follow what cells draw: they change when rows do, and with nothing else of the sources that rows come from."""

import json
from typing import Any

import pytest

from clt.data import inspect_sources, mix
from clt.data.jsonl_rows import JsonlRows
from clt.study import StudyRecord, expand
from tests.data.conftest import Workplace, problem, write_jsonl


def keys(record: StudyRecord) -> dict[str, list[str]]:
    """Mixtures and trainings of all trained cells, by n."""
    cells = sorted((cell for cell in record.grid.cells if not cell.is_base), key=lambda cell: sum(cell.rows.values()))
    return {
        "mixtures": [record.mixture_key(cell) for cell in cells],
        "trainings": [record.training_key(cell) for cell in cells],
    }


def trainings(record: StudyRecord) -> list[str]:
    return keys(record)["trainings"]


def renamed(workplace: Workplace) -> dict[str, Any]:
    """The same rows under other names of columns and files."""
    folder = workplace.folder / "renamed"
    for language in ("en", "ja", "zh", "ar", "ko"):
        rows = [json.loads(line) for line in workplace.train(language).read_text(encoding="utf-8").splitlines()]
        write_jsonl(
            folder / f"{language}.jsonl",
            [{"number": row["id"], "text": row["question"], "answer": row["answer"], "more": 1} for row in rows],
        )
    source = {"path": str(folder / "{language}.jsonl"), "columns": {"id": "number", "question": "text"}}
    return {"train": source}


def test_rows_that_no_cell_draws_change_no_key(workplace: Workplace) -> None:
    before = workplace.plan(workplace.study())
    workplace.add(workplace.train("ja"), *(problem("ja", number) for number in range(200, 203)))
    after = workplace.plan(workplace.study())
    assert after.facts.source("math", "train", "ja") != before.facts.source("math", "train", "ja")
    assert keys(after) == keys(before)
    assert after.facts.draws == before.facts.draws


def test_a_held_out_language_changes_no_mixture_and_no_training(workplace: Workplace) -> None:
    languages = {"train": ["ja", "zh", "ar"], "evaluate": ["en", "ja", "zh", "ar"]}
    before = workplace.plan(workplace.study(languages=languages))
    more = languages | {"evaluate": ["en", "ja", "zh", "ar", "ko"]}
    after = workplace.plan(workplace.study(languages=more))
    assert keys(after) == keys(before)
    assert after.items_key("math") != before.items_key("math")
    assert {name: after.facts.items[name] for name in before.facts.items} == before.facts.items


def test_five_more_test_items_change_no_mixture_and_no_training(workplace: Workplace) -> None:
    before = workplace.plan(workplace.study())
    for language in ("en", "ja", "zh", "ar", "ko"):
        workplace.add(workplace.test(language), *(problem(language, number) for number in range(600, 605)))
    after = workplace.plan(workplace.study())
    assert keys(after) == keys(before)
    assert after.items_key("math") != before.items_key("math")


def test_a_test_item_among_the_drawn_rows_trains_again(workplace: Workplace) -> None:
    before = workplace.plan(workplace.study())
    drawn = workplace.mixture(before, before.grid.cells[-1].key).ids("ja")[0]
    workplace.add(workplace.test("ja"), problem("ja", 700) | {"id": drawn})
    after = workplace.plan(workplace.study())
    assert trainings(after)[-1] != trainings(before)[-1]


def test_the_same_rows_from_elsewhere_change_no_key(workplace: Workplace) -> None:
    before = workplace.plan(workplace.study())
    after = workplace.plan(workplace.study(task=renamed(workplace)))
    assert keys(after) == keys(before)
    assert after.items_key("math") == before.items_key("math")


@pytest.mark.parametrize("column", ["question", "answer"])
def test_a_word_that_changed_in_a_drawn_row_trains_again(workplace: Workplace, column: str) -> None:
    before = workplace.plan(workplace.study())
    drawn = workplace.mixture(before, before.grid.cells[-1].key).ids("ja")[-1]  # n = 9 has it, n = 5 does not
    rows = [json.loads(line) for line in workplace.train("ja").read_text(encoding="utf-8").splitlines()]
    write_jsonl(
        workplace.train("ja"), [row | ({column: row[column] + "!"} if row["id"] == drawn else {}) for row in rows]
    )
    after = workplace.plan(workplace.study())
    assert trainings(after)[:-1] == trainings(before)[:-1]
    assert trainings(after)[-1] != trainings(before)[-1]


def test_a_file_beside_the_data_or_a_store_inside_its_folder_changes_no_key(workplace: Workplace) -> None:
    before = workplace.plan(workplace.study())  # its store is inside the folder of the data
    (workplace.folder / "README.md").write_text("About these data.\n")
    after = workplace.plan(workplace.study())
    assert after.key == before.key


def test_a_plan_hashes_each_source_once_and_mixing_none(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    whole = JsonlRows.checksum
    monkeypatch.setattr(JsonlRows, "checksum", lambda rows: hashed.append(rows.name) or whole(rows))
    record = workplace.plan(workplace.study())
    assert len(hashed) == len(set(hashed)) == 10  # five languages, training and test
    for cell in record.grid.cells:
        mix(workplace.store, record.key, cell.key)
    assert len(hashed) == 10


def test_a_plan_that_keeps_nothing_finds_the_same(workplace: Workplace) -> None:
    study = workplace.study()
    facts = inspect_sources(study, expand(study), workplace.store, keep=False)
    assert workplace.store.keys("") == []
    assert inspect_sources(study, expand(study)) == facts == inspect_sources(study, expand(study), workplace.store)
    assert facts == inspect_sources(study, expand(study), workplace.store)  # from what the store keeps now


def test_many_rows_are_read_side_by_side_with_the_same_result(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = workplace.study()
    alone = inspect_sources(study, expand(study))
    monkeypatch.setattr("clt.data.draws.LARGE_ROWS", 1)
    assert inspect_sources(study, expand(study), workplace.store) == alone
