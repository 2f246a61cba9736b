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


def test_a_task_is_mixed_and_evaluated_in_its_own_languages(workplace):
    study = workplace.study(settings=["multi_task"])
    few = study.tasks["math"].model_copy(update={"languages": ("en", "ja")})
    study = study.model_copy(update={"tasks": {"few": few, "math": study.tasks["math"]}})
    for language in ("zh", "ar", "ko"):
        assert workplace.train(language).exists()
    record = workplace.plan(study)
    assert {name.split("/")[2] for name in record.facts.sources if name.startswith("few/")} == {"en", "ja"}
    mixed = workplace.mixture(record, record.grid.cells[-1].key)
    assert mixed.metadata["counts"] == {"few": {"en": 20, "ja": 9}, "math": dict.fromkeys(LANGUAGES, 9) | {"en": 20}}
    assert {language for language in LANGUAGES if mixed.validation_ids(language, "few")} == {"en", "ja"}
    assert {row["language"] for row in workplace.items(record, "few")[0]} == {"en", "ja"}


def test_prompts_of_a_language_are_in_its_rows_and_items(workplace):
    prompts = {code: f"{code} {{language_name}} ({{language}}): {{question}}" for code in LANGUAGES}
    record = workplace.plan(workplace.study(task={"prompt": prompts}))
    mixed = workplace.mixture(record, record.grid.cells[-1].key)
    row = next(row for row in mixed.train if row["language"] == "ja")
    assert row["prompt"] == f"ja Japanese (ja): {problem('ja', int(row['id'].removeprefix('item-')))['question']}"
    assert all(item["prompt"].startswith(f"{item['language']} ") for item in workplace.items(record)[0])


def test_files_are_named_as_the_study_spells_its_languages(workplace):
    spelled = {"en": "eng", "ja": "jpn", "zh": "zho", "ar": "ara", "ko": "ko-KR"}
    for code, name in spelled.items():
        workplace.train(code).rename(workplace.train(name))
        workplace.test(code).rename(workplace.test(name))
    languages = {"english": "eng", "train": ["jpn", "zho", "ara", "ko-KR"], "evaluate": list(spelled.values())}
    rows, metadata = items_of(workplace, languages=languages)
    assert metadata["counts"] == dict.fromkeys(sorted(LANGUAGES), 5)
    assert {row["language"] for row in rows} == set(LANGUAGES)
