"""SIGTERM: a training saves its state after the step that it is in, and ends with the status of the signal."""

import os
import signal
import time
from multiprocessing.context import ForkProcess

import pytest

from clt.store import StateMetadata
from tests.training.conftest import Plan, Planned
from tests.training.launch import run_processes, start, wait
from tests.training.test_train import assert_equal, run

OPTIONS = {"max_steps": 40, "checkpoint_every": 10, "state_minutes": 60}


def terminate(planned: Planned, processes: list[ForkProcess]) -> None:
    """Once the first checkpoint stands; every process gets the signal, as by torchrun."""
    deadline = time.monotonic() + 60
    while not planned.store.keys(f"{planned.key}/checkpoints"):
        assert time.monotonic() < deadline, "no checkpoint was saved"
        time.sleep(0.01)
    for process in processes:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGTERM)


@pytest.mark.parametrize("count", [1, 2])
def test_a_training_that_is_asked_to_end_saves_its_state(plan: Plan, count: int) -> None:
    stopped = plan(store="stopped", **OPTIONS)
    processes = start(stopped, count, pause=0.05)
    terminate(stopped, processes)
    assert wait(processes) == [143] * count
    (key,) = (key for key in stopped.store.keys(f"{stopped.key}/states") if key.count("/") == 3)
    state = StateMetadata.read(stopped.store, key)
    assert state is not None and state.step > 10 and len(state.shards) == count
    whole = plan(store="whole", **OPTIONS)
    if count == 1:
        assert_equal(run(stopped), run(whole))
    else:
        assert_equal(run_processes(stopped, count), run_processes(whole, count))


def test_one_process_that_is_asked_ends_all_of_them(plan: Plan) -> None:
    stopped = plan(store="stopped", **OPTIONS)
    processes = start(stopped, 2, pause=0.05)
    terminate(stopped, processes[1:])
    assert wait(processes) == [143, 143]
