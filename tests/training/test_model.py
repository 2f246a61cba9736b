"""The optimizer and its schedule."""

import math
from pathlib import Path

import pytest
import torch

from clt.study import Model, Training
from clt.training.model import make_optimizer, make_scheduler, model_to_train
from clt.training.processes import Processes


def learning_rates(steps: int, **training: object) -> list[float]:
    spec = Training.model_validate({"max_steps": steps, "learning_rate": 1.0, **training})
    optimizer = make_optimizer(torch.nn.Linear(2, 2), spec)
    scheduler = make_scheduler(optimizer, spec, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


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


def test_a_layer_whose_activations_are_computed_again_runs_twice(tiny_folder: Path) -> None:
    model, training = Model(name="tiny", path=str(tiny_folder)), Training(max_steps=1)
    runs = []
    for checkpointing in (False, True):
        root = model_to_train(model, training, 0, Processes(), checkpointing=checkpointing)
        seen: list[int] = []
        root.model.model.layers[0].mlp.register_forward_pre_hook(lambda *_, seen=seen: seen.append(1))
        ids = torch.arange(2, 12)
        root({"input_ids": ids[None]}, torch.tensor([8]), ids[-1:]).backward()
        runs.append(len(seen))
    assert runs == [1, 2]
