"""The committed base models: they load offline, are small, stop where they should, and are the ones of their cards."""

import hashlib
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import clt.studies.demo

MODELS = Path(clt.studies.demo.__file__).parent / "models"
NAMES = ("small", "large")
TEXTS = (
    "12 apples, 7 books",
    "¿Cuántas manzanas?",
    "œufs à l'école",
    "りんごを12個、ヴ",
    "苹果、钥匙",
    "كم تفاحة؟",
    "사과 9개",
    "🦜 never seen",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_at_most_3_megabytes(name: str) -> None:
    assert sum(path.stat().st_size for path in (MODELS / name).iterdir()) <= 3_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_card_names_the_weights(name: str) -> None:
    digest = hashlib.sha256((MODELS / name / "model.safetensors").read_bytes()).hexdigest()
    assert digest in (MODELS / name / "MODEL_CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_survives_the_tokenizer(text: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(MODELS / "small")
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_the_tokenizer_adds_nothing_and_keeps_digits_apart() -> None:
    tokenizer = AutoTokenizer.from_pretrained(MODELS / "small")
    assert len({tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id}) == 3
    assert not set(tokenizer("one two")["input_ids"]) & set(tokenizer.all_special_ids)
    assert len(tokenizer("1234567890")["input_ids"]) == 10


@pytest.mark.parametrize("name", NAMES)
def test_a_model_loads_in_float32_and_ends_its_document(name: str) -> None:
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(MODELS / name)
    model = AutoModelForCausalLM.from_pretrained(MODELS / name)
    assert model.dtype == torch.float32
    assert len(tokenizer) == model.config.vocab_size
    prompt = tokenizer("Ana has 4 apples. She buys 5 more. Now she", return_tensors="pt")
    written = model.generate(**prompt, max_new_tokens=60, do_sample=False)[0]
    assert written[-1] == tokenizer.eos_token_id or tokenizer.eos_token_id in written
