"""Trainings of real sizes with random weights on one accelerator, beside a plain transformers loop.

    python -m benchmarks.gpu [--tiny] [--steps 5] [--only NAME ...]

Each line is a process of its own: tokens a second without padding, share of the accelerator's dense bfloat16 peak
(MFU, of the arithmetic that our loss needs, for both), peak memory. Ours is the sharded path at world size 1, as a
training in bfloat16 takes it; the peer is the same model in transformers with `labels`, autocast where weights are
float32, sdpa, a row at a time, the same optimizer. Only the last half of a row is answer. `256k` is a body of two
layers below an output layer of 256,000 tokens, whose peak memory tells what the chunked loss saves. `--tiny` runs all
of it in seconds on a CPU in small, to see that it runs: its figures mean nothing.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from clt.study import Model, Placement, Training
from clt.training.adapter import first_values, is_adapter, with_adapter
from clt.training.data import TokenRow
from clt.training.layout import choose_layout
from clt.training.loss import AnswerModel
from clt.training.model import make_optimizer, make_scheduler
from clt.training.processes import Processes, joined
from clt.training.sharding import local, shard
from clt.training.speed import Arithmetic, mfu, peak_memory_bytes, peak_operations
from clt.training.state_shards import TrainState
from clt.training.train_step import TrainStep

WARM_UP = 2  # steps that are not counted
KINDS = ("ours", "transformers")
ANCHORS = (
    "elsewhere: 14,110 tokens/s (43% MFU) for 7B LoRA on an H100 (NeMo Automodel); 5,762 a GPU (6,667 compiled) for 8B "
    "full on 8 H100 (torchtitan)"
)


@dataclass(frozen=True, kw_only=True)
class Case:
    shape: dict[str, Any]  # of a Llama
    method: str
    rows: int = 4  # a step
    tokens: int = 4096  # a row, and a micro-batch


def _shape(hidden: int, inner: int, layers: int, heads: int, vocabulary: int, tied: bool) -> dict[str, Any]:
    return {
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": max(heads // 4, 1),
        "vocab_size": vocabulary,
        "tie_word_embeddings": tied,
        "max_position_embeddings": 8192,
    }


CASES = {
    "8B lora": Case(shape=_shape(4096, 14336, 32, 32, 128256, False), method="lora"),
    "3B full": Case(shape=_shape(3072, 8192, 28, 24, 128256, True), method="full"),
    "256k": Case(shape=_shape(4096, 14336, 2, 32, 256000, True), method="full"),
}
TINY = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}


def main(arguments: list[str]) -> list[dict[str, Any]]:
    """Print a line for each case and kind; the figures of all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="small models, in this process; also on a CPU")
    parser.add_argument("--steps", type=int, default=5, help="that are counted")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--one", choices=KINDS, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if not chosen.tiny and not torch.cuda.is_available():
        parser.error("there is no accelerator; --tiny runs on a CPU")
    if chosen.one:
        print(json.dumps(_measure(CASES[chosen.only[0]], chosen.one, chosen.steps)))
        return []
    found = []
    for name in chosen.only:
        for kind in KINDS:
            if chosen.tiny:
                figures = _measure(_in_small(CASES[name]), kind, chosen.steps)
            else:
                figures = _in_a_process(name, kind, chosen.steps)
            found.append({"case": name, "kind": kind} | figures)
            print(_line(found[-1]), flush=True)
    _tell_memory(found)
    print(ANCHORS)
    return found


def _in_small(case: Case) -> Case:
    small = TINY | {"num_key_value_heads": 2, "vocab_size": case.shape["vocab_size"] // 1000}
    return replace(case, shape=case.shape | small, tokens=16)


def _in_a_process(name: str, kind: str, steps: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.gpu", "--only", name, "--one", kind, "--steps", str(steps)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.returncode}


def _line(figures: dict[str, Any]) -> str:
    start = f"{figures['case']:8} {figures['kind']:13}"
    if "failed" in figures:
        return f"{start} failed with exit status {figures['failed']}, see above"
    share = "not known" if figures["mfu"] is None else f"{figures['mfu']:.1%}"
    memory = figures["peak_memory_bytes"] / 2**30
    return f"{start} {figures['tokens_per_second']:10,.0f} tokens/s, MFU {share}, {memory:.1f} GiB at most"


def _tell_memory(found: list[dict[str, Any]]) -> None:
    peaks = [each["peak_memory_bytes"] for each in found if each["case"] == "256k" and "failed" not in each]
    if len(peaks) == len(KINDS):
        print(f"256k: peak memory {1 - peaks[0] / peaks[1]:.0%} below the whole loss (wanted: 40%)")


def _measure(case: Case, kind: str, steps: int) -> dict[str, Any]:
    training = Training(
        max_steps=steps + WARM_UP, batch_size=case.rows, micro_batch_tokens=case.tokens, precision="bfloat16"
    )
    with joined(training, Placement()) as processes:
        torch.manual_seed(0)
        make = _ours if kind == "ours" else _plain
        step = make(case, training, processes)
        peak_memory_bytes(processes.device)
        seconds, memory = [], 0
        for number in range(1, training.max_steps + 1):
            start = time.perf_counter()
            step(number)
            _wait(processes)
            seconds.append(time.perf_counter() - start)
            memory = max(memory, peak_memory_bytes(processes.device))
        typical = statistics.median(seconds[WARM_UP:])
        tokens = case.rows * case.tokens
        operations = _arithmetic(case).operations([case.tokens] * case.rows, tokens // 2)
        share = mfu(operations, typical, peak_operations(processes.device), 1)
    return {"tokens_per_second": tokens / typical, "mfu": share, "peak_memory_bytes": memory}


def _wait(processes: Processes) -> None:
    if processes.device.type == "cuda":
        torch.cuda.synchronize()


def _model(case: Case) -> Model:
    return Model(name="bench", path=".", method=case.method, lora={"rank": 16, "target_modules": "all-linear"})


def _network(case: Case, device: str | torch.device, dtype: torch.dtype) -> Any:
    """Random weights, small as those of a fresh model."""
    from accelerate import init_empty_weights
    from transformers import LlamaConfig, LlamaForCausalLM

    with init_empty_weights():  # buffers, such as the frequencies of positions, have their values
        network = LlamaForCausalLM(LlamaConfig(**case.shape)).to(dtype)
    if case.method == "lora":
        network = with_adapter(network, _model(case))
    return network if str(device) == "meta" else _fill(network, device)


def _fill(network: Any, device: str | torch.device) -> Any:
    """Values for weights that came from the meta device."""
    network._apply(lambda values: torch.empty_like(values, device=device) if values.is_meta else values.to(device))
    for name, parameter in network.named_parameters():
        values = local(parameter.data)
        if is_adapter(name):
            values.copy_(first_values(name, torch.empty(parameter.shape), 0)[: len(values)])
        elif parameter.ndim == 1:
            values.fill_(1.0)
        else:
            values.normal_(std=0.02)
    (network.get_base_model() if hasattr(network, "get_base_model") else network).tie_weights()
    return network


def _dtype(case: Case) -> torch.dtype:
    return torch.float32 if case.method == "full" else torch.bfloat16


def _arithmetic(case: Case) -> Arithmetic:
    return Arithmetic(_network(case, "meta", _dtype(case)))


def _rows(case: Case) -> list[TokenRow]:
    draw = np.random.default_rng(0)
    ids = draw.integers(0, case.shape["vocab_size"], (case.rows, case.tokens))
    return [TokenRow(key=str(i), language="en", ids=row, answer_start=case.tokens // 2) for i, row in enumerate(ids)]


def _ours(case: Case, training: Training, processes: Processes) -> Any:
    network = _network(case, "meta", _dtype(case))
    root = AnswerModel(network)
    shard(root, network, processes, training.precision)
    _fill(network, processes.device)
    root.train()
    layout = choose_layout(root, processes)
    optimizer = make_optimizer(root, training)
    scheduler = make_scheduler(optimizer, training, training.max_steps or 0)
    step = TrainStep(
        _rows(case),
        SimpleNamespace(key="bench", seed=0),  # type: ignore[arg-type]  # all that a step asks of a cell
        training,
        state=TrainState(network=network, optimizer=optimizer, scheduler=scheduler),
        root=root,
        processes=processes,
        layout=layout,
        tokens=case.tokens,
    )
    return lambda number: step(number, range(case.rows))


def _plain(case: Case, training: Training, processes: Processes) -> Any:
    device = processes.device
    network = _network(case, device, _dtype(case)).train()
    optimizer = make_optimizer(network, training)
    ids = [torch.from_numpy(row.ids)[None].to(device) for row in _rows(case)]

    def step(_: int) -> None:
        for row in ids:
            labels = row.clone()
            labels[:, : case.tokens // 2] = -100
            with torch.autocast(device.type, torch.bfloat16, enabled=case.method == "full"):
                loss = network(input_ids=row, labels=labels, use_cache=False).loss
            (loss / len(ids)).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), training.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()

    return step


if __name__ == "__main__":
    main(sys.argv[1:])
