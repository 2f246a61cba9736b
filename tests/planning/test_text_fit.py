"""Texts that will not fit and special tokens spelled out are counted by the plan, by the model's own tokenizer."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from clt.models import load_tokenizer, make_encoder
from clt.planning import preview_plan
from clt.study import Model, Study
from tests.chat_models import CHATML, make_chat_model

LANGUAGES = ("en", "es")
MAX_TOKENS, MAX_NEW = 64, 16


def rows(split: str, **changes: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """Twenty rows a language; `es3={"answer": ...}` changes one."""
    texts = {}
    for code in LANGUAGES:
        texts[code] = [
            {"id": f"{split}-{n}", "question": f"{code} {split} {n}?", "answer": str(n)} | changes.get(f"{code}{n}", {})
            for n in range(20)
        ]
    return texts


@pytest.fixture
def notes(tmp_path: Path, tiny_folder: Path) -> Callable[..., list[str]]:
    def make(train: dict, test: dict, prompt: str = "{question}\n", **model: object) -> list[str]:
        for split, texts in (("train", train), ("test", test)):
            for code, lines in texts.items():
                content = "".join(json.dumps(row) + "\n" for row in lines)
                (tmp_path / f"{split}.{code}.jsonl").write_text(content, encoding="utf-8")
        source = {split: {"path": str(tmp_path / f"{split}.{{language}}.jsonl")} for split in ("train", "test")}
        study = Study.model_validate(
            {
                "name": "fit",
                "models": [{"name": "tiny", "path": str(tiny_folder)} | model],
                "tasks": {"math": source | {"prompt": prompt, "metrics": ["exact_match"], "max_new_tokens": MAX_NEW}},
                "languages": {"train": ["es"], "evaluate": LANGUAGES},
                "mixtures": [{"english_samples": 4, "samples_per_language": [0, 4]}],
                "training": {"max_steps": 1, "batch_size": 4, "max_tokens": MAX_TOKENS, "validation_rows": 2},
            }
        )
        return [note for note in preview_plan(study, None, None).notes if "model tiny" in note]

    return make


def test_texts_that_fit_are_not_mentioned(notes: Callable) -> None:
    assert notes(rows("train"), rows("test")) == []


def test_an_answer_that_training_would_refuse_is_counted(notes: Callable) -> None:
    long = {"answer": "seven apples " * 40}
    (note,) = notes(rows("train", es3=long, es4=long, en5=long), rows("test"))
    assert note.startswith("tasks.math.train, model tiny: the answer has no room in training.max_tokens (64)")
    assert note.endswith("(of at most 1,000 rows a language: en 1, es 2)")


def test_prompts_that_will_be_cut_are_counted(notes: Callable) -> None:
    long = {"question": "How many apples are in the basket? " * 20}
    found = notes(rows("train", es3=long), rows("test", en1=long, es2=long))
    assert any("math.train" in note and "the prompt loses its beginning" in note and "es 1)" in note for note in found)
    assert any("math.test" in note and "no room for 16 new tokens" in note and "en 1, es 1)" in note for note in found)


def test_a_reference_longer_than_what_is_generated_is_counted(notes: Callable) -> None:
    (note,) = notes(rows("train"), rows("test", es2={"answer": "one two three four five six seven " * 5}))
    assert "the reference is longer than what is generated (16 tokens)" in note


def test_a_stop_token_in_the_middle_of_an_answer_is_counted(notes: Callable, tiny_folder: Path) -> None:
    added = Tokenizer.from_file(str(tiny_folder / "tokenizer.json")).get_added_tokens_decoder().values()
    token = next(each.content for each in added if each.special)
    (note,) = notes(rows("train", es3={"answer": f"3 {token} 4"}), rows("test"))
    assert f"the answer spells out {token}, which the model reads as that token" in note
    assert notes(rows("train"), rows("test"), prompt=token + "{question}") == []  # the template's own is meant


def test_the_counts_are_those_of_training(tiny_folder: Path, notes: Callable) -> None:
    """A row at the border: what the plan calls cut is what training cuts."""
    model = Model(name="tiny", path=str(tiny_folder))
    encoder = make_encoder(load_tokenizer(tiny_folder, model), model)
    for words in range(4, 40):
        question = "apple " * words
        prompt, answer = encoder.encode_prompt(question + "\n"), encoder.encode_answer("3")
        if len(prompt.ids) + len(answer) > MAX_TOKENS:
            break
    is_cut = prompt.shortened(MAX_TOKENS - len(answer)) != prompt.ids
    assert is_cut and notes(rows("train", es3={"question": question, "answer": "3"}), rows("test"))


def test_a_chat_templates_tokens_are_counted(tmp_path: Path, tiny_folder: Path, notes: Callable) -> None:
    chat = {"path": str(make_chat_model(tiny_folder, tmp_path / "chat", CHATML)), "chat": True}
    encoder = make_encoder(load_tokenizer(str(chat["path"]), spec := Model.model_validate({"name": "t"} | chat)), spec)
    for words in range(1, 40):
        question = "a" * words
        is_cut = len(encoder.encode_prompt(question + "\n").ids) + len(encoder.encode_answer("3")) > MAX_TOKENS
        if is_cut:
            break
    assert words > 1 and is_cut
    for changed, expected in ((question, 1), (question[:-1], 0)):
        train = rows("train", es3={"question": changed, "answer": "3"})
        assert (
            len(
                notes(
                    train, rows("test", **{f"{c}{n}": {"question": "a"} for c in LANGUAGES for n in range(20)}), **chat
                )
            )
            == expected
        )


def test_without_its_tokenizer_a_model_is_passed_over(tmp_path: Path, tiny_folder: Path, notes: Callable) -> None:
    assert shutil.copytree(tiny_folder, tmp_path / "copy")
    (tmp_path / "copy" / "tokenizer.json").rename(tmp_path / "copy" / "other.json")
    from clt.planning.text_fit import token_counter

    assert token_counter(Model(name="tiny", path=str(tmp_path / "copy"))) is None
    assert token_counter(Model(name="tiny", path="org/hub")) is None
