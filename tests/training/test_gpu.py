"""Trainings on accelerators: `make test-gpu`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training.conftest import Plan, Planned
from tests.training.test_train import metrics, run, stop_at

GPUS = torch.cuda.device_count() if torch.cuda.is_available() else 0
OPTIONS = {"precision": "bfloat16", "max_steps": 8, "batch_size": 16, "learning_rate": 1e-3}

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(GPUS == 0, reason="needs an accelerator")]
several = pytest.mark.skipif(GPUS < 2, reason="needs two accelerators")


def torchrun(planned: Planned, gpus: int) -> Planned:
    runner = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(gpus)]
    job = ["training", planned.store.uri, planned.study_key, planned.cell.key]
    variables = os.environ | {"CUDA_VISIBLE_DEVICES": ",".join(map(str, range(gpus)))}
    root = Path(__file__).parents[2]
    subprocess.run([*runner, "-m", "clt.cluster.jobs", *job], cwd=root, env=variables, check=True, timeout=280)
    return planned


def assert_alike(left: Planned, right: Planned) -> None:
    """Kernels add in an order of their own: the same losses to what bfloat16 rounds."""
    for line, other in zip(metrics(left), metrics(right), strict=True):
        assert line["loss"] == pytest.approx(other["loss"], rel=0.02)


@pytest.mark.parametrize("model", [{}, {"method": "lora", "lora": {"rank": 4, "target_modules": "all-linear"}}])
def test_a_training_in_bfloat16_gives_about_the_same_losses_again(plan: Plan, model: dict[str, object]) -> None:
    first, second = (run(plan(store=name, model=model, **OPTIONS)) for name in ("first", "second"))
    assert_alike(first, second)
    text = (first.store.fetch(first.key) / "metrics.jsonl").read_text()
    assert all(0 < json.loads(line)["peak_memory_bytes"] < 2**34 for line in text.splitlines())


@several
def test_all_accelerators_of_the_machine_train_like_one(plan: Plan) -> None:
    alone = run(plan(store="alone", **OPTIONS))
    assert_alike(alone, torchrun(plan(store="shared", **OPTIONS), min(GPUS, 16)))


@several
def test_a_state_of_one_accelerator_goes_on_with_all_of_them(plan: Plan) -> None:
    changed = plan(store="changed", **OPTIONS)
    stop_at(changed, 4)
    assert_alike(run(plan(store="whole", **OPTIONS)), torchrun(changed, min(GPUS, 16)))
