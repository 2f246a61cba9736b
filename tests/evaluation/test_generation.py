"""Greedy text and likelihoods: the same as the literal slow way, whatever the batch."""

import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from clt.evaluation.generation import generate
from clt.evaluation.likelihood import answer_bits
from tests.evaluation.conftest import lively

NEW = 12


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> Any:
    return lively(tiny_folder, 0)


@pytest.fixture(scope="module")
def prompts() -> list[list[int]]:
    rng = random.Random(0)
    return [[rng.randrange(2, 258) for _ in range(rng.choice([1, 3, 9, 20]))] for _ in range(17)]


def literal(model: Any, prompt: list[int], stop: int) -> list[int]:
    """Greedy decoding without batch, padding or cache."""
    written: list[int] = []
    with torch.inference_mode():
        while len(written) < NEW:
            token = int(model(torch.tensor([prompt + written])).logits[0, -1].argmax())
            if token == stop:
                break
            written.append(token)
    return written


def some_stop(model: Any, prompts: list[list[int]]) -> int:
    """A token that the model writes in the middle of some rows."""
    rows = [literal(model, prompt, stop=-1) for prompt in prompts]
    stops = {token: sum(token in row for row in rows) for row in rows for token in row}
    return max(stops, key=lambda token: (-abs(stops[token] - len(rows) // 2), token))


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_text_is_that_of_a_loop_without_batch_and_cache(model: Any, prompts: list[list[int]], batch_size: int) -> None:
    stop = some_stop(model, prompts)
    expected = [literal(model, prompt, stop) for prompt in prompts]
    lengths = {len(row) for row in expected}
    assert len(lengths) > 1 and NEW in lengths, "the toy model must stop early in some rows only"
    assert generate(model, prompts, stop=stop, max_new_tokens=NEW, batch_size=batch_size) == expected


def test_text_is_that_of_transformers_generate(model: Any, prompts: list[list[int]]) -> None:
    stop = some_stop(model, prompts)
    for prompt, written in zip(
        prompts, generate(model, prompts, stop=stop, max_new_tokens=NEW, batch_size=8), strict=True
    ):
        whole = model.generate(
            torch.tensor([prompt]), do_sample=False, max_new_tokens=NEW, eos_token_id=stop, pad_token_id=0
        )[0].tolist()
        theirs = whole[len(prompt) :]
        assert written == (theirs[: theirs.index(stop)] if stop in theirs else theirs)


def test_generation_stops_at_the_first_stop_token(model: Any) -> None:
    free = generate(model, [[5, 6, 7]], stop=-1, max_new_tokens=NEW, batch_size=1)[0]
    assert len(free) == NEW
    assert generate(model, [[5, 6, 7]], stop=free[0], max_new_tokens=NEW, batch_size=1) == [[]]


def test_generation_config_of_the_model_changes_nothing(tiny_folder: Path, prompts: list[list[int]]) -> None:
    plain, penalized = lively(tiny_folder, 0), lively(tiny_folder, 0)
    penalized.generation_config.repetition_penalty = 5.0
    texts = [generate(each, prompts, stop=1, max_new_tokens=NEW, batch_size=8) for each in (plain, penalized)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_bits_are_those_of_a_literal_loop(model: Any, prompts: list[list[int]], batch_size: int) -> None:
    answers = [[*prompt[:length], 1] for length, prompt in enumerate(prompts)]
    expected = []
    for prompt, answer in zip(prompts, answers, strict=True):
        bits = 0.0
        for done, token in enumerate(answer):
            with torch.inference_mode():
                logits = model(torch.tensor([prompt + answer[:done]])).logits[0, -1].double()
            bits -= math.log2(torch.softmax(logits, dim=-1)[token].item())
        expected.append(bits)
    assert answer_bits(model, prompts, answers, batch_size=batch_size) == pytest.approx(expected, rel=1e-5)


def test_learned_positions_and_no_room_in_the_batch_work_too(prompts: list[list[int]]) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=260, n_positions=40, n_embd=32, n_layer=2, n_head=2)).eval()
    expected = [literal(gpt2, prompt, stop=1) for prompt in prompts]
    assert generate(gpt2, prompts, stop=1, max_new_tokens=NEW, batch_size=6) == expected
