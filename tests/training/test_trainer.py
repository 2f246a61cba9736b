"""What does not change a training: how its batches are cut, and which rows stand beside it."""

from typing import Any

import pytest
import torch

from clt.store import CheckpointMetadata
from clt.study import checkpoint_key
from tests.training.conftest import Plan, Planned, rows
from tests.training.test_train import assert_equal, metrics, run, weights


@pytest.mark.parametrize("micro", [1, 60])
def test_accumulated_micro_batches_equal_the_whole_batch(plan: Plan, micro: int) -> None:
    # A small learning rate: AdamW's first step divides by the gradient's size, which magnifies rounding.
    options = {"max_steps": 3, "learning_rate": 1e-4, "checkpoint_every": 3}
    whole = run(plan(store="whole", **options))
    accumulated = run(plan(store="accumulated", micro_batch_tokens=micro, **options))
    for left, right in zip(metrics(whole), metrics(accumulated), strict=True):
        assert left == pytest.approx(right, rel=1e-5)
    right = weights(accumulated, 3)
    assert all(torch.allclose(value, right[name], atol=1e-6) for name, value in weights(whole, 3).items())


def test_curve_of_the_same_seed_starts_from_the_same_weights(plan: Plan) -> None:
    lora = {"method": "lora", "lora": {"rank": 2}}
    larger = run(plan(store="larger", model=lora, max_steps=1, learning_rate=1e-30))
    smaller = run(plan(store="smaller", model=lora, max_steps=1, learning_rate=1e-30, train=rows("other", 5)))
    left, right = (weights(planned, 1) for planned in (larger, smaller))
    assert all(torch.equal(value, right[name]) for name, value in left.items() if "lora_A" in name)
    assert validation_losses(larger) == pytest.approx(validation_losses(smaller))


def validation_losses(planned: Planned) -> dict[str, float]:
    checkpoint = CheckpointMetadata.read(planned.store, checkpoint_key(planned.key, 1))
    assert checkpoint is not None
    return checkpoint.validation


@pytest.mark.parametrize("model", [{}, {"method": "lora", "lora": {"rank": 2, "dropout": 0.3}}], ids=["full", "lora"])
def test_activations_that_are_computed_again_change_nothing(plan: Plan, model: dict[str, Any]) -> None:
    kept = run(plan(store="kept", model=model, max_steps=3, activation_checkpointing="never"))
    again = run(plan(store="again", model=model, max_steps=3, activation_checkpointing="always"))
    assert_equal(kept, again)


def test_shards_compute_their_activations_again(plan: Plan) -> None:
    options = {"precision": "bfloat16", "max_steps": 3}
    kept = run(plan(store="kept", activation_checkpointing="never", **options))
    again = run(plan(store="again", activation_checkpointing="always", **options))
    assert_equal(kept, again)
