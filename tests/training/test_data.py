"""Rows of a mixture as tokens, and which of them each step and each process takes."""

from pathlib import Path

import pytest

from clt.models import load_tokenizer, make_encoder
from clt.study import Model, Training
from clt.training.data import BatchSampler, read_rows, split_batch, truncated_prompts
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


LENGTHS = [5, 3, 9, 1, 4, 4, 2, 8, 30, 6, 7]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(("processes", "tokens"), [(1, 1000), (1, 20), (2, 1000), (2, 10), (3, 16), (4, 1)])
@pytest.mark.parametrize("count", [1, 7, 11])
def test_processes_share_a_batch_in_equally_many_micro_batches_of_no_more_than_their_tokens(
    count: int, processes: int, tokens: int, packed: bool
) -> None:
    split = [
        split_batch(range(count), LENGTHS, tokens, process, processes, packed=packed) for process in range(processes)
    ]
    assert sorted(index for mine in split for indices in mine for index in indices) == list(range(count))
    assert len({len(mine) for mine in split}) == 1
    for indices in (indices for mine in split for indices in mine if len(indices) > 1):
        lengths = [LENGTHS[index] for index in indices]
        assert (sum(lengths) if packed else max(lengths) * len(lengths)) <= tokens


def test_processes_get_about_the_same_number_of_tokens() -> None:
    lengths = [17 * index % 101 + 1 for index in range(64)]
    for passes in zip(*(split_batch(range(64), lengths, 512, process, 4) for process in range(4)), strict=True):
        sums = [sum(lengths[index] for index in indices) for indices in passes]
        assert max(sums) - min(sums) <= max(lengths) / 4


def test_packed_rows_take_fewer_passes_than_padded_ones() -> None:
    lengths = [10, 1, 1, 1, 1, 1, 1]
    assert [len(split_batch(range(7), lengths, 16, 0, 1, packed=packed)) for packed in (True, False)] == [1, 2]


def test_long_rows_lose_the_beginning_of_their_prompt(tiny_folder: Path, tmp_path: Path) -> None:
    model = Model(name="tiny", path=str(tiny_folder))
    tokenizer = load_tokenizer(tiny_folder, model)
    file = tmp_path / "train.jsonl"
    file.write_text(to_jsonl([{**rows("train", 1)[0], "prompt": "a long prompt:", "answer": "yes"}]))
    (row,) = read_rows(file, make_encoder(tokenizer, model), max_tokens=8)
    assert tokenizer.decode(row.ids) == "<s>pt:yes</s>"
    assert row.answer_start == 4 and row.answer_tokens == 4
    assert truncated_prompts([row]) == {"en": 1}
    assert truncated_prompts(read_rows(file, make_encoder(tokenizer, model), max_tokens=64)) == {}
