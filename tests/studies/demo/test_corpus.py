"""The demo corpus: same bytes everywhere, parallel, and nothing that gives the test items away."""

import itertools
import json
import re
from pathlib import Path

import pytest

import clt.studies.demo
from clt.studies.demo.corpus import LANGUAGES, TASKS, TRAINED, documents, rows, write_files
from clt.studies.demo.corpus.arabic import THINGS as ARABIC_THINGS
from clt.studies.demo.corpus.files import SEED
from clt.studies.demo.corpus.korean import with_particle
from clt.studies.demo.corpus.values import EVENTS, PEOPLE, TARGETS

DATA = Path(clt.studies.demo.__file__).parent / "data"
TEXT_OF = {"math": "question", "instructions": "instruction", "headlines": "article"}
ANSWER_OF = {"math": "answer", "instructions": "answer", "headlines": "headline"}
EVALUATION_SPLITS = ("dev", "test")


def drawn(task: str, split: str, count: int) -> list:
    """The items of a split before they are told in a language."""
    return TASKS[task][0](split, count, SEED)


@pytest.fixture(scope="module")
def pretraining_documents() -> list[str]:
    """Enough documents to meet every piece of text many times."""
    return list(documents(8_000, seed=7))


def test_regenerated_files_equal_the_committed_bytes(tmp_path: Path) -> None:
    written = {path.name: path.read_bytes() for path in write_files(tmp_path)}
    committed = {path.name: path.read_bytes() for path in DATA.glob("*.jsonl")}
    assert written.keys() == committed.keys()
    assert [name for name in written if written[name] != committed[name]] == []


def test_the_files_stay_small() -> None:
    sizes = [path.stat().st_size for path in DATA.glob("*.jsonl")]
    assert max(sizes) < 500_000
    assert sum(sizes) < 2_000_000


@pytest.mark.parametrize("task", TASKS)
def test_every_language_has_the_same_items(task: str) -> None:
    for split in ("train", *EVALUATION_SPLITS):
        english = [row["id"] for row in rows(task, split, "en")]
        for code in TRAINED if split == "train" else LANGUAGES:
            ids = [row["id"] for row in rows(task, split, code)]
            assert ids == english[: len(ids)]
            assert len(set(ids)) == len(ids) > 0


@pytest.mark.parametrize("split", ("train", *EVALUATION_SPLITS))
def test_a_number_is_the_same_answer_in_every_language(split: str) -> None:
    english = {row["id"]: row["answer"] for row in rows("math", split, "en")}
    for code in LANGUAGES:
        assert all(english[row["id"]] == row["answer"] for row in rows("math", split, code))


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_instruction_holds_its_answer_exactly_once(code: str) -> None:
    for split in ("train", *EVALUATION_SPLITS):
        for row in rows("instructions", split, code):
            listed = re.split(r", |、|، ", re.split(r": | : |：", row["instruction"])[1].split(".")[0].split("。")[0])
            assert listed.count(row["answer"]) == 1, row


def test_evaluation_items_use_no_value_of_a_training_row() -> None:
    for split in EVALUATION_SPLITS:
        train_math, held_math = drawn("math", "train", 500), drawn("math", split, 60)
        assert not {(p.first, p.second, p.result) for p in train_math} & {
            (p.first, p.second, p.result) for p in held_math
        }
        train_lists, held_lists = drawn("instructions", "train", 500), drawn("instructions", split, 60)
        assert not {frozenset(i.words) for i in train_lists} & {frozenset(i.words) for i in held_lists}
        train_news, held_news = drawn("headlines", "train", 500), drawn("headlines", split, 60)
        assert not {(i.event, i.place) for i in train_news} & {(i.event, i.place) for i in held_news}


def test_evaluation_items_use_no_template_of_a_training_row() -> None:
    for split in EVALUATION_SPLITS:
        assert not _math_templates("train") & _math_templates(split)
        assert not _instruction_templates("train") & _instruction_templates(split)
        assert not _news_templates("train") & _news_templates(split)


def _math_templates(split: str) -> set:
    return {(p.opening, p.change, p.ending) for p in drawn("math", split, 60)}


def _instruction_templates(split: str) -> set:
    return {(i.target, i.order, i.frame) for i in drawn("instructions", split, 60)}


def _news_templates(split: str) -> set:
    return {(i.lead, i.details) for i in drawn("headlines", split, 60)}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("task", TASKS)
def test_no_evaluation_text_is_a_training_text(task: str, code: str) -> None:
    train = {row[TEXT_OF[task]] for row in rows(task, "train", code)}
    dev, test = ({row[TEXT_OF[task]] for row in rows(task, split, code)} for split in EVALUATION_SPLITS)
    assert not train & (dev | test)
    assert not dev & test


def test_nobody_is_in_both_the_training_and_the_evaluation_rows() -> None:
    assert not set(PEOPLE["train"]) & set(PEOPLE["test"])
    assert not set(PEOPLE["pretraining"]) & (set(PEOPLE["train"]) | set(PEOPLE["test"]))


@pytest.mark.parametrize("code", LANGUAGES)
def test_pretraining_text_holds_no_prompt(code: str, pretraining_documents: list[str]) -> None:
    language = LANGUAGES[code]
    text = "\n".join(pretraining_documents).lower()
    assert not re.search(r"[?？؟¿]|何[個冊本枚]|ますか", text)
    ordered = [
        f"{order} {language.targets[target]}" if code in ("en", "es", "fr", "pt", "ar") else order
        for order in language.orders.values()
        for target in TARGETS
    ]
    assert [order for order in ordered if order in text] == []
    frames = [
        frame.format(order="", Order="", target="", list="|").split("|")[0].strip() for frame in language.frames[1:]
    ]
    assert [frame for frame in frames if frame in text] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_pretraining_text_holds_no_answer_line(code: str, pretraining_documents: list[str]) -> None:
    lines = {line.strip().lower() for document in pretraining_documents for line in document.splitlines()}
    for task, split in itertools.product(TASKS, ("train", *EVALUATION_SPLITS)):
        for row in rows(task, split, code):
            assert row[ANSWER_OF[task]].lower() not in lines


@pytest.mark.parametrize("code", LANGUAGES)
def test_pretraining_text_tells_no_evaluation_item(code: str, pretraining_documents: list[str]) -> None:
    language = LANGUAGES[code]
    text = "\n".join(pretraining_documents)
    told = set(re.findall(r"[:：] ?([^.。]+)[.。]", text))
    assert len(told) > 1_000
    for split in EVALUATION_SPLITS:
        for item in drawn("headlines", split, 60):
            headline = language.headlines[item.event].format(place=language.places[item.place])
            assert headline not in text
            assert headline[0].lower() + headline[1:] not in text
        for item in drawn("instructions", split, 60):
            for words in itertools.permutations(item.words):
                listed = language.comma.join(language.words[word] for word in words)
                assert listed not in told


def test_every_event_and_target_is_tested() -> None:
    assert {item.event for item in drawn("headlines", "test", 60)} == set(EVENTS)
    assert {item.target for item in drawn("instructions", "test", 60)} == set(TARGETS)


def test_arabic_counts_in_the_plural_up_to_ten_and_in_the_singular_above() -> None:
    plurals = {plural for plural, _ in ARABIC_THINGS.values()}
    singulars = {singular for _, singular in ARABIC_THINGS.values()}
    counted = [
        (int(number), noun)
        for row in rows("math", "test", "ar") + rows("math", "dev", "ar")
        for number, noun in re.findall(r"(\d+) ([^ .،]+)", row["question"])
    ]
    assert counted
    assert all(noun in (plurals if number <= 10 else singulars) for number, noun in counted)


@pytest.mark.parametrize(
    ("noun", "expected"), [("사과", "사과를"), ("책", "책을"), ("송이", "송이를"), ("달걀", "달걀을")]
)
def test_a_korean_particle_follows_the_last_sound(noun: str, expected: str) -> None:
    assert with_particle(noun, "을", "를") == expected


def test_english_items_read_as_they_were_meant() -> None:
    first = json.loads((DATA / "math_test.en.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first == {
        "id": "math-test-0000",
        "question": "Adam has 11 keys. He sells 5. How many keys does Adam have in the end?",
        "answer": "6",
    }
