"""One step: accumulation, schedule, weight decay, truncation."""

import math
from pathlib import Path

import pytest
import torch

from clt.models import load_tokenizer
from clt.study import Model, Training, checkpoint_key
from clt.training.data import read_rows
from clt.training.model import make_optimizer, make_scheduler
from tests.training.conftest import Plan, rows, to_jsonl
from tests.training.test_train import metrics, run, weights


@pytest.mark.parametrize("micro", [1, 3])
def test_accumulated_micro_batches_equal_the_whole_batch(plan: Plan, micro: int) -> None:
    # A small learning rate: AdamW's first step divides by the gradient's size, which magnifies rounding.
    options = {"max_steps": 3, "learning_rate": 1e-4, "checkpoint_every": 3}
    whole = run(plan(store="whole", **options))
    accumulated = run(plan(store="accumulated", micro_batch_size=micro, **options))
    for left, right in zip(metrics(whole), metrics(accumulated), strict=True):
        assert left == pytest.approx(right, rel=1e-5)
    right = weights(accumulated, 3)
    assert all(torch.allclose(value, right[name], atol=1e-6) for name, value in weights(whole, 3).items())


def learning_rates(steps: int, **training: object) -> list[float]:
    spec = Training.model_validate({"max_steps": steps, "learning_rate": 1.0, **training})
    optimizer = make_optimizer(torch.nn.Linear(2, 2), spec)
    scheduler = make_scheduler(optimizer, spec, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_constant_schedule_warms_up_and_stays() -> None:
    assert learning_rates(6, warmup_steps=4) == [0, 0.25, 0.5, 0.75, 1, 1]
    assert learning_rates(3) == [1, 1, 1]


def test_cosine_schedule_falls_to_zero() -> None:
    expected = [(1 + math.cos(math.pi * step / 4)) / 2 for step in range(4)]
    assert learning_rates(4, schedule="cosine") == pytest.approx(expected)


def test_weight_decay_spares_norms_and_biases() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3))
    groups = make_optimizer(network, Training(max_steps=1, weight_decay=0.1)).param_groups
    assert [(group["weight_decay"], len(group["params"])) for group in groups] == [(0.1, 1), (0.0, 3)]


def test_long_rows_lose_the_beginning_of_their_prompt(tiny_folder: Path, tmp_path: Path) -> None:
    tokenizer = load_tokenizer(tiny_folder, Model(name="tiny", path=str(tiny_folder)))
    file = tmp_path / "train.jsonl"
    file.write_text(to_jsonl([{**rows("train", 1)[0], "prompt": "a long prompt:", "answer": "yes"}]))
    (row,) = read_rows(file, tokenizer, max_tokens=8)
    assert tokenizer.decode(row.ids) == "<s>pt:yes</s>"
    assert row.answer_start == 4 and row.answer_tokens == 4


def test_curve_of_the_same_seed_starts_from_the_same_weights(plan: Plan) -> None:
    lora = {"method": "lora", "lora": {"rank": 2}}
    one = run(plan(store="one", model=lora, max_steps=1, learning_rate=1e-30))
    two = run(plan(store="two", model=lora, max_steps=1, learning_rate=1e-30, train=rows("other", 5)))
    left, right = (weights(planned, 1) for planned in (one, two))
    assert all(torch.equal(value, right[name]) for name, value in left.items() if "lora_A" in name)
    assert planned_validation(one) == pytest.approx(planned_validation(two))


def planned_validation(planned: object) -> dict[str, float]:
    manifest = planned.store.manifest(checkpoint_key(planned.key, 1))  # type: ignore[attr-defined]
    return dict(manifest.metadata["validation"])
