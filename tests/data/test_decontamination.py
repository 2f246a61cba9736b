"""No test item, nor its parallel translation, in any mixture; and nothing else is dropped."""

import json

import pytest

from clt.data.overlap import OVERLAP, SAME_TEXT, ItemTexts, gram_length, normalised_words
from clt.errors import DataError
from clt.store import open_store
from tests.data.conftest import LANGUAGES, TEMPLATES, problem, write_jsonl

ALL_ROWS = [{"english_samples": 55, "samples_per_language": [55]}]  # of 60: with 4 of validation, one may be dropped


def mixed_languages(workplace, **changes):
    """The one trained cell with 55 of 60 rows in every language."""
    record = workplace.plan(workplace.study(mixtures=ALL_ROWS, **changes))
    return workplace.mixture(record, record.grid.cells[-1].key)


def replace(path, number, row):
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number] = json.dumps(row, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def assert_gone(mixed, identifier):
    for rows in (mixed.train, mixed.validation):
        assert identifier not in {row["id"] for row in rows}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_test_item_is_dropped_by_id_in_every_language(workplace, language):
    """Even where the test set of one language alone holds it."""
    workplace.add(workplace.test(language), problem(language, 900) | {"id": "item-3"})
    mixed = mixed_languages(workplace)
    assert_gone(mixed, "item-3")
    assert mixed.metadata["dropped"] == {"same id as a test item": 5}
    facts = {"same id as a test item": {"count": 1, "examples": ["item-3"]}}
    assert mixed.metadata["dropped_rows"]["math"] == dict.fromkeys(LANGUAGES, facts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_test_item_is_dropped_by_text_with_its_translations(workplace, language):
    number = 17
    row = problem(language, 502)
    row["question"] = f"  {row['question'].upper()} !!"
    replace(workplace.train(language), number, row | {"id": f"item-{number}"})
    mixed = mixed_languages(workplace)
    assert_gone(mixed, f"item-{number}")
    dropped = mixed.metadata["dropped_rows"]["math"]
    assert dropped[language] == {SAME_TEXT: {"count": 1, "examples": [f"item-{number}"]}}
    others = [reasons for code, reasons in dropped.items() if code != language]
    assert others == [{"translation of a row with a test item": {"count": 1, "examples": [f"item-{number}"]}}] * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_test_item_inside_a_longer_row_is_dropped(language):
    items = ItemTexts([problem(language, 501)["question"]])
    assert items.match(f"{problem(language, 3)['question']}\n{problem(language, 501)['question']} 12345") == OVERLAP


@pytest.mark.parametrize("language", TEMPLATES)
def test_rows_of_one_template_are_different_items(language):
    """A name or number less in common is another word problem, wherever in the sentence it stands."""
    template = TEMPLATES[language]
    items = ItemTexts([template.format(name="Ana", a=4, b=5)])
    for other in ({"name": "Ben", "a": 4, "b": 5}, {"name": "Ana", "a": 6, "b": 5}, {"name": "Ana", "a": 4, "b": 6}):
        assert items.match(template.format(**other)) is None
    assert items.match(template.format(name="Ana", a=4, b=5)) == SAME_TEXT


def test_a_slot_at_the_edge_tells_short_texts_apart():
    """Without padding the 8-grams in the middle outvoted the one word that matters."""
    frame = "{} shows the documentation of the original command in the terminal"
    assert ItemTexts([frame.format("xzcat")]).match(frame.format("zstdcat")) is None


def test_long_texts_with_a_few_changed_words_are_the_same_item():
    text = [f"word{index}" for index in range(120)]
    items = ItemTexts([" ".join(text)])
    text[60] = "other"
    assert items.match(" ".join(text)) == OVERLAP
    text[20] = text[40] = text[80] = "other"
    assert items.match(" ".join(text)) is None


def test_every_item_is_found_at_the_threshold():
    """Only some n-grams of an item are kept: any row with 80% of them still has to be found."""
    for length in range(8, 200):
        text = [f"w{index}" for index in range(length)]
        items = ItemTexts([" ".join(text)])
        changes = (length + 7) // 5 // 8  # as many changed words as 80% of the padded 8-grams allow
        for first in range(max(1, length // 8)):
            changed = list(text)
            for change in range(changes):
                changed[(first + 8 * change) % length] = "other"
            assert items.match(" ".join(changed)) in (OVERLAP, SAME_TEXT), (length, first)


def test_template_words_of_the_prompt_do_not_count():
    items = ItemTexts(["5 + 3"])
    assert items.match("5 + 4") is None
    assert items.match("5+3") == SAME_TEXT


def test_words_of_every_script():
    assert normalised_words("Ｔｈｅ CAFÉ, 3.5!") == ("the", "café", "3", "5") == normalised_words("the cafe\u0301 3 5")
    assert normalised_words("東京で、５個買った。") == ("東京で", "5個買った")
    assert normalised_words("নমস্কার, বিশ্ব") == ("নমস্কার", "বিশ্ব")  # vowel signs are marks, and belong to the word
    assert normalised_words("사과 5개") == ("사과", "5개")
    assert normalised_words("كم تفاحة؟") == ("كم", "تفاحة")
    assert [
        gram_length(normalised_words(text)) for text in ("How many?", "いくつありますか", "มีแอปเปิ้ลกี่ลูก", "몇 개")
    ] == [
        8,
        13,
        32,
        8,
    ]


def test_nothing_is_dropped_from_clean_data(workplace):
    assert mixed_languages(workplace).metadata["dropped"] == {}


def test_only_items_of_the_same_task_count(workplace):
    """The same data may well serve two tasks with different prompts; each has its own test set."""
    study = workplace.study(mixtures=ALL_ROWS)
    reverse = study.tasks["math"].model_copy(update={"prompt": "{answer}", "answer": "{question}"})
    record = workplace.plan(study.model_copy(update={"tasks": {"math": study.tasks["math"], "reverse": reverse}}))
    assert workplace.mixture(record, record.grid.cells[-1].key).metadata["dropped"] == {}


def test_real_data_keeps_its_rows(real_data):
    """GSM8K's training questions are word problems of the same kind as MGSM's, and none of them is one."""

    def questions(name):
        with (real_data / "math" / name).open(encoding="utf-8") as file:
            return [json.loads(line)["question"] for line in file]

    items = ItemTexts(question for language in LANGUAGES for question in questions(f"mgsm_test.{language}.jsonl"))
    for language in ("en", "ja"):
        assert not any(items.match(question) for question in questions(f"gsm8k_train.{language}.jsonl")[:1500])
        assert all(items.match(question) for question in questions(f"mgsm_test.{language}.jsonl"))


def test_decontamination_is_narrowed_by_name(workplace):
    """A row with the id of an item, and one with the text of another."""
    workplace.add(workplace.test("ja"), problem("ja", 900) | {"id": "item-3"})
    replace(workplace.train("zh"), 17, problem("zh", 502) | {"id": "item-17"})
    found = {}
    for compared in ([], ["id"], ["text"], ["id", "text"]):
        workplace.store = open_store(workplace.folder / f"store-{'-'.join(compared)}")
        mixtures = [{"english_samples": 50, "samples_per_language": [50]}]
        record = workplace.plan(workplace.study(mixtures=mixtures, task={"decontamination": compared}))
        metadata = workplace.mixture(record, record.grid.cells[-1].key).metadata
        assert metadata["decontamination"]["math"]["compared"] == compared
        assert ("ngram" in metadata["decontamination"]["math"]) == ("text" in compared)
        found["+".join(compared)] = set(metadata["dropped"])
    by_id, by_text = {"same id as a test item"}, {SAME_TEXT, "translation of a row with a test item"}
    assert found == {"": set(), "id": by_id, "text": by_text, "id+text": by_id | by_text}


def test_a_refusal_says_which_step_helps(workplace):
    for language in LANGUAGES:  # ids that mean other items in the two sets
        write_jsonl(workplace.test(language), [problem(language, 500 + n) | {"id": f"item-{n}"} for n in range(60)])
    with pytest.raises(DataError) as error:
        mixed_languages(workplace)
    assert "and 60 of them left out as test items" in str(error.value)
    assert "60 have the id of a test item" in str(error.value)
    assert "`ids: row` or `decontamination: [text]` in tasks.math" in str(error.value)
    assert "fewer than 0" not in str(error.value) and "use a larger source" in str(error.value)
    workplace.store = open_store(workplace.folder / "other")
    assert mixed_languages(workplace, task={"decontamination": ["text"]}).metadata["dropped"] == {}


def test_a_refusal_for_equal_texts_names_them(workplace):
    for language in LANGUAGES:
        write_jsonl(workplace.test(language), [problem(language, n) | {"id": f"test-{n}"} for n in range(50)])
    with pytest.raises(DataError, match=r"50 hold the text of a test item, .*`decontamination: \[id\]` in tasks\.math"):
        mixed_languages(workplace)
