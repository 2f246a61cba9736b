"""Several processes train one model in shards: like one process, and on after a kill."""

import os
import random
import signal
import time
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest

from clt.errors import CellFailure
from tests.training.conftest import Plan, Planned
from tests.training.launch import run_processes, start, wait
from tests.training.test_train import assert_equal, metadata, metrics, run, stop_at, weights

# A small learning rate: AdamW's first step divides by the gradient's size, which magnifies rounding.
OPTIONS = {"max_steps": 6, "batch_size": 7, "micro_batch_tokens": 40, "learning_rate": 1e-4, "checkpoint_every": 6}
LORA = {"method": "lora", "lora": {"rank": 4, "target_modules": "all-linear"}}


def assert_alike(left: Planned, right: Planned) -> None:
    """The same numbers but for rounding."""
    for line, other in zip(metrics(left), metrics(right), strict=True):
        assert line == pytest.approx(other, rel=1e-4)
    step = metadata(left)["selected"]
    values, others = weights(left, step), weights(right, step)
    assert values.keys() == others.keys()
    assert all((value - others[name]).abs().max() < 2e-5 for name, value in values.items())


@pytest.mark.parametrize("model", [{}, LORA], ids=["full", "lora"])
def test_two_processes_train_like_one(plan: Plan, model: dict[str, object]) -> None:
    alone = run(plan(store="alone", model=model, **OPTIONS))
    shared = run_processes(plan(store="shared", model=model, **OPTIONS), 2)
    assert_alike(alone, shared)
    assert metadata(shared)["environment"]["processes"] == 2


def test_replicas_on_two_nodes_train_like_one_process(plan: Plan) -> None:
    alone = run(plan(store="alone", **OPTIONS))
    by_node = {"training": {"nodes": 2, "sharding": "node"}}
    shared = plan(store="shared", resources=by_node, **OPTIONS)
    stop_at(shared, 5)
    assert shared.store.keys(f"{shared.key}/states")  # of one shard, that both go on from
    assert_alike(alone, run_processes(shared, 2, on_nodes=2))


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1)])
def test_a_state_goes_on_with_another_number_of_processes(plan: Plan, before: int, after: int) -> None:
    changed = plan(store="changed", **OPTIONS)
    if before > 1:
        end_at(changed, start(changed, before, pause=0.1), 2)
    else:
        stop_at(changed, 5)
        assert changed.store.keys(f"{changed.key}/states")
    run_processes(changed, after) if after > 1 else run(changed)
    assert_alike(run(plan(store="whole", **OPTIONS)), changed)


def test_two_processes_killed_at_random_moments_end_with_the_same_bits(plan: Plan) -> None:
    options = OPTIONS | {"max_steps": 12, "learning_rate": 1e-2, "checkpoint_every": 3}
    whole = run_processes(plan(store="whole", **options), 2)
    killed = plan(store="killed", **options)
    moments = random.Random(0)
    for step in (2, 6, 10):
        end_at(killed, start(killed, 2, pause=0.05), step, pause=moments.random() * 0.1)
    assert_equal(whole, run_processes(killed, 2))


def end_at(planned: Planned, processes: list[ForkProcess], step: int, pause: float = 0.0) -> None:
    """Kill one process some time after the state of a step stands; the other ends by itself."""
    folder = Path(planned.store.uri) / planned.key / "states"
    deadline = time.monotonic() + 60
    while not any(int(path.parent.name) >= step for path in folder.glob("0*/manifest.json")):
        assert time.monotonic() < deadline, "no state was saved"
        time.sleep(0.002)
    time.sleep(pause)
    os.kill(processes[1].pid, signal.SIGKILL)
    statuses = wait(processes)
    assert statuses[0] not in (0, None), "it has to end by itself, with an error"


def test_more_processes_than_rows_are_refused(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "16")
    with pytest.raises(CellFailure, match=r"training.batch_size: got 8 rows for 16 processes, expected at least one"):
        run(plan())
