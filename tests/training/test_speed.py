"""What metrics.jsonl says of speed and memory, held against torch's own counts."""

import json

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from clt.training import speed
from clt.training.batch import collate
from clt.training.data import TokenRow
from clt.training.loss import AnswerModel
from clt.training.speed import Arithmetic, mfu, peak_operations
from tests.training.architectures import architecture
from tests.training.conftest import Plan, Planned
from tests.training.launch import run_processes
from tests.training.test_train import run

TOKENS, PROMPT = 24, 16
LORA = {"method": "lora", "lora": {"rank": 4, "target_modules": "all-linear"}}


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("name", ["llama", "qwen3", "cohere", "gemma3"])
def test_operations_are_those_that_torch_counts(name: str, tied: bool) -> None:
    model = architecture(name, tie_word_embeddings=tied, attn_implementation="eager")
    needed = Arithmetic(model)
    ids = torch.arange(TOKENS).numpy() % 64
    batch = collate([TokenRow(key="0", language="en", ids=ids, answer_start=PROMPT)], packed=False)
    root = AnswerModel(model)
    with FlopCounterMode(display=False) as counter:
        root(batch.inputs, batch.positions, batch.targets).backward()
    unmasked = needed.attention * TOKENS**2  # eager attention computes the other half too
    expected = needed.operations([TOKENS], TOKENS - PROMPT) + unmasked
    assert counter.get_total_flops() == pytest.approx(expected, rel=0.02)  # norms have weights, and no products


def test_a_frozen_model_needs_two_thirds_of_the_operations_of_its_weights() -> None:
    model = architecture("llama")
    whole = Arithmetic(model)
    frozen = Arithmetic(model.requires_grad_(False))
    assert (frozen.body, frozen.head) == (whole.body * 4 // 6, whole.head * 4 // 6)
    assert frozen.attention == whole.attention


def test_mfu_is_the_share_of_the_peak_of_all_accelerators() -> None:
    assert mfu(operations=80, seconds=2, peak=100, processes=2) == pytest.approx(0.2)
    assert mfu(operations=80, seconds=2, peak=None, processes=2) is None


@pytest.mark.parametrize(
    ("name", "peak"),
    [
        ("NVIDIA H100 80GB HBM3", 989e12),
        ("NVIDIA H100 PCIe", 756e12),
        ("NVIDIA A100-SXM4-40GB", 312e12),
        ("NVIDIA GH200 480GB", 989e12),
        ("NVIDIA GB200", 2.5e15),
        ("NVIDIA A100-SXM4-80GB MIG 1g.10gb", None),
        ("NVIDIA T4", None),
    ],
)
def test_an_accelerator_is_known_by_its_name_or_has_no_share(
    name: str, peak: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: name)
    assert peak_operations(torch.device("cuda", 0)) == peak
    assert peak_operations(torch.device("cpu")) is None


def lines(planned: Planned) -> list[dict[str, float]]:
    text = (planned.store.fetch(planned.key) / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("model", [{}, LORA], ids=["full", "lora"])
def test_every_line_has_peak_memory_and_the_share_where_the_peak_is_known(
    plan: Plan, model: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clt.training.train_step.peak_operations", lambda _: 1e10)
    halves = run(plan(store="halves", model=model, max_steps=2, precision="bfloat16"))
    assert all(0 < line["mfu"] < 1 and line["peak_memory_bytes"] > 50e6 for line in lines(halves))
    whole = run(plan(store="whole", model=model, max_steps=2))
    assert all(line["mfu"] is None and line["tokens_per_second"] > 0 for line in lines(whole))


def test_peak_memory_is_that_of_the_process_that_has_most(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clt.training.train_step.peak_memory_bytes", lambda _: _rank_bytes())
    planned = run_processes(plan(max_steps=1, batch_size=8), 2)
    assert [line["peak_memory_bytes"] for line in lines(planned)] == [2**31]


def _rank_bytes() -> int:
    return 2 ** (30 + torch.distributed.get_rank())


def test_peak_memory_of_a_process_grows_with_what_it_holds() -> None:
    before = speed.peak_memory_bytes(torch.device("cpu"))
    held = torch.ones(before // 4 + 10**6)
    assert speed.peak_memory_bytes(torch.device("cpu")) > before
    del held
