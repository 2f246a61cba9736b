"""Rows of a mixture as tokens, and which of them each step and each process takes."""

from pathlib import Path

import pytest

from clt.models import load_tokenizer
from clt.study import Model, Training
from clt.training.data import BatchSampler, read_rows, split_batch
from tests.training.conftest import rows, to_jsonl

KEYS = [f"math/{code}/{i}" for code in ("en", "es") for i in range(10)]


def sampler(keys: list[str] = KEYS, seed: int = 0, **training: object) -> BatchSampler:
    return BatchSampler(keys, seed, Training.model_validate({"batch_size": 8, "epochs": 1} | training))


def all_rows(sampler: BatchSampler) -> list[int]:
    return [index for step in range(1, sampler.steps + 1) for index in sampler.batch(step)]


def test_an_epoch_sees_every_row_once() -> None:
    assert sorted(all_rows(sampler())) == list(range(20))
    assert [len(sampler().batch(step)) for step in (1, 2, 3)] == [8, 8, 4]


@pytest.mark.parametrize(("epochs", "count", "steps"), [(0.5, 10, 2), (2, 40, 5), (1.25, 25, 4), (0.001, 1, 1)])
def test_fractions_of_epochs_are_counted_in_rows(epochs: float, count: int, steps: int) -> None:
    batches = sampler(epochs=epochs)
    assert (len(all_rows(batches)), batches.steps) == (count, steps)


def test_max_steps_fills_every_batch() -> None:
    batches = sampler(epochs=None, max_steps=7)
    assert [len(batches.batch(step)) for step in range(1, 8)] == [8] * 7


def test_a_step_alone_gives_its_rows() -> None:
    batches = sampler(epochs=3)
    forward = {step: batches.batch(step) for step in range(1, batches.steps + 1)}
    assert {step: sampler(epochs=3).batch(step) for step in reversed(forward)} == forward


def test_epochs_and_seeds_differ() -> None:
    indices = all_rows(sampler(epochs=2))
    assert indices[:20] != indices[20:]
    assert indices[:20] != all_rows(sampler(seed=1))


def test_rows_of_nested_mixtures_come_in_the_same_order() -> None:
    larger = [KEYS[index] for index in all_rows(sampler())]
    fewer = KEYS[::3]
    assert [fewer[index] for index in all_rows(sampler(fewer))] == [key for key in larger if key in fewer]


@pytest.mark.parametrize(("processes", "micro"), [(1, None), (1, 3), (2, None), (2, 2), (3, 4), (4, 1)])
@pytest.mark.parametrize("count", [1, 7, 8])
def test_processes_share_a_batch_in_equally_many_micro_batches(count: int, processes: int, micro: int | None) -> None:
    lengths = [5, 3, 9, 1, 4, 4, 2, 8]
    split = [split_batch(range(count), lengths, micro, process, processes) for process in range(processes)]
    assert sorted(index for mine in split for indices in mine for index in indices) == list(range(count))
    assert len({len(mine) for mine in split}) == 1
    assert all(len(indices) <= (micro or count) for mine in split for indices in mine)


def test_long_rows_lose_the_beginning_of_their_prompt(tiny_folder: Path, tmp_path: Path) -> None:
    tokenizer = load_tokenizer(tiny_folder, Model(name="tiny", path=str(tiny_folder)))
    file = tmp_path / "train.jsonl"
    file.write_text(to_jsonl([{**rows("train", 1)[0], "prompt": "a long prompt:", "answer": "yes"}]))
    (row,) = read_rows(file, tokenizer, max_tokens=8)
    assert tokenizer.decode(row.ids) == "<s>pt:yes</s>"
    assert row.answer_start == 4 and row.answer_tokens == 4
