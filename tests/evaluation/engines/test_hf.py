"""Greedy text and likelihoods: the same as the literal slow way, whatever the batch."""

import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from clt.evaluation.engines import Stop, Written
from clt.evaluation.engines.hf import HfEngine
from clt.models import Encoder
from tests.evaluation.conftest import lively

NEW = 12


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> Any:
    return lively(tiny_folder, 0)


@pytest.fixture(scope="module")
def encoder(tiny_folder: Path) -> Encoder:
    return Encoder(AutoTokenizer.from_pretrained(tiny_folder))


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


def answer(encoder: Encoder, tokens: list[int], stop: int) -> Written:
    ended = stop in tokens
    kept = tokens[: tokens.index(stop)] if ended else tokens
    return Written(encoder.decode(kept), len(kept), "stop" if ended or len(kept) < NEW else "length")


def generate(model: Any, encoder: Encoder, prompts: list[list[int]], stop: Stop, batch_size: int = 8) -> list[Written]:
    return HfEngine(model, encoder, batch_size).generate(prompts, stop=stop, max_new_tokens=NEW)


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_text_is_that_of_a_loop_without_batch_and_cache(
    model: Any, encoder: Encoder, prompts: list[list[int]], batch_size: int
) -> None:
    stop = some_stop(model, prompts)
    expected = [answer(encoder, literal(model, prompt, stop), stop) for prompt in prompts]
    assert {each.finish for each in expected} == {"stop", "length"}, "the toy model must stop early in some rows only"
    assert generate(model, encoder, prompts, Stop(frozenset({stop})), batch_size) == expected


def test_text_is_that_of_transformers_generate(model: Any, encoder: Encoder, prompts: list[list[int]]) -> None:
    stop = some_stop(model, prompts)
    for prompt, written in zip(prompts, generate(model, encoder, prompts, Stop(frozenset({stop}))), strict=True):
        whole = model.generate(
            torch.tensor([prompt]), do_sample=False, max_new_tokens=NEW, eos_token_id=stop, pad_token_id=0
        )[0].tolist()
        assert written == answer(encoder, whole[len(prompt) :], stop)


def test_generation_stops_at_the_first_of_the_stop_tokens(model: Any, encoder: Encoder) -> None:
    free = literal(model, [5, 6, 7], stop=-1)
    assert generate(model, encoder, [[5, 6, 7]], Stop(frozenset())) == [answer(encoder, free, -1)]
    assert generate(model, encoder, [[5, 6, 7]], Stop(frozenset({free[0], free[1]}))) == [Written("", 0, "stop")]


def test_generation_config_of_the_model_changes_nothing(
    tiny_folder: Path, encoder: Encoder, prompts: list[list[int]]
) -> None:
    plain, penalized = lively(tiny_folder, 0), lively(tiny_folder, 0)
    penalized.generation_config.repetition_penalty = 5.0
    texts = [generate(each, encoder, prompts, Stop(frozenset({1}))) for each in (plain, penalized)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_bits_are_those_of_a_literal_loop(
    model: Any, encoder: Encoder, prompts: list[list[int]], batch_size: int
) -> None:
    answers = [[*prompt[:length], 1] for length, prompt in enumerate(prompts)]
    expected = []
    for prompt, answer in zip(prompts, answers, strict=True):
        bits = 0.0
        for done, token in enumerate(answer):
            with torch.inference_mode():
                logits = model(torch.tensor([prompt + answer[:done]])).logits[0, -1].double()
            bits -= math.log2(torch.softmax(logits, dim=-1)[token].item())
        expected.append(bits)
    assert HfEngine(model, encoder, batch_size).answer_bits(prompts, answers) == pytest.approx(expected, rel=1e-5)


def test_learned_positions_and_no_room_in_the_batch_work_too(encoder: Encoder, prompts: list[list[int]]) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=258, n_positions=40, n_embd=32, n_layer=2, n_head=2)).eval()
    expected = [answer(encoder, literal(gpt2, prompt, stop=1), 1) for prompt in prompts]
    assert generate(gpt2, encoder, prompts, Stop(frozenset({1})), batch_size=6) == expected
