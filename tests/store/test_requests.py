"""How many requests a store in a bucket gets: few where little was done, whatever was done before."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from clt.cluster import await_runs
from clt.errors import CellFailure
from clt.local import plans_in, status
from clt.planning import plan_study, read_study
from clt.store import EvaluationMetadata, StepMetrics, Store, TrainingMetadata
from clt.study import StudyRecord
from clt.training.processes import Processes
from clt.training.state_shards import TrainState
from clt.training.states import States
from tests.cli.small_study import write_study
from tests.store.faulty_proxy import FaultyProxy

TRAINING = "trainings/ab12"
LISTS = 12  # requests: listings and reads that do not grow with the cells that were begun


@contextmanager
def at_most(proxy: FaultyProxy, number: int) -> Iterator[None]:
    before = len(proxy.requests)
    yield
    made = proxy.requests[before:]
    assert len(made) <= number, "\n".join(made)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """121 cells."""
    path = write_study(tmp_path)
    seeds = ", ".join(map(str, range(40)))
    path.write_text(path.read_text().replace("mixtures:", f"seeds: [{seeds}]\nmixtures:"))
    return path


@pytest.fixture
def planned(study: Path, behind_proxy: Store) -> StudyRecord:
    record = plan_study(behind_proxy, read_study(study))
    assert len(record.grid.cells) > 100
    return record


def complete(store: Store, record: StudyRecord, number: int) -> None:
    """The last cells of the study, as if they had been computed."""
    for cell in record.grid.cells[-number:]:
        with store.writer(record.training_key(cell)) as attempt:
            TrainingMetadata(selected=1, checkpoints=[], tokens=1, seconds=2.0).write(attempt)
        with store.writer(record.evaluation_key(cell)) as attempt:
            EvaluationMetadata(steps=[1], selected=1, seconds=1.0).write(attempt)


def test_status_asks_nothing_for_cells_that_were_not_begun(
    behind_proxy: Store, object_store: Store, planned: StudyRecord, proxy: FaultyProxy
) -> None:
    complete(object_store, planned, 7)
    with object_store.track(planned.evaluation_key(planned.grid.cells[0])), at_most(proxy, LISTS + 2 * 7):
        cells = status(behind_proxy, planned)
    assert [cell.state.state for cell in cells].count("done") == 7 and cells[0].state.state == "running"
    assert all(cell.seconds == 3.0 for cell in cells[-7:])


def test_resuming_asks_nothing_for_cells_that_were_not_begun(
    behind_proxy: Store, object_store: Store, planned: StudyRecord, proxy: FaultyProxy
) -> None:
    from clt.local.runner import incomplete

    complete(object_store, planned, 7)
    cells = [cell.key for cell in planned.grid.cells]
    with at_most(proxy, LISTS + 7):
        assert incomplete(behind_proxy, planned, cells) == cells[:-7]


def test_a_look_while_waiting_for_runs_asks_only_for_what_is_under_way(
    behind_proxy: Store, object_store: Store, planned: StudyRecord, proxy: FaultyProxy, study: Path
) -> None:
    looks: list[int] = []

    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds
            looks.append(len(proxy.requests))

    complete(object_store, planned, 12)
    with pytest.raises(CellFailure, match="12 done"):
        await_runs(behind_proxy.uri, str(study), "", "last", give_up_seconds=300, clock=Clock())
    assert len(looks) > 3 and max(later - earlier for earlier, later in pairwise(looks)) <= LISTS


def test_plans_are_found_by_one_listing(behind_proxy: Store, planned: StudyRecord, proxy: FaultyProxy) -> None:
    with at_most(proxy, 2):
        assert list(plans_in(behind_proxy)) == [planned.key]


def train_state() -> TrainState:
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer)
    return TrainState(network=model, optimizer=optimizer, scheduler=scheduler)


def save(states: States, state: TrainState, step: int) -> None:
    values = dict.fromkeys(("loss", "grad_norm", "learning_rate", "seconds", "tokens_per_second"), 1.0)
    state.metrics.append(StepMetrics(step=step, tokens=1, answer_tokens=1, **values))
    staged = states.stage(state)
    assert staged.publish_shard is not None
    staged.publish_shard()
    staged.publish()
    states.supersede(staged.key)


def test_what_a_save_costs_does_not_grow_with_the_saves_before(behind_proxy: Store, proxy: FaultyProxy) -> None:
    states, state, costs = States(behind_proxy, TRAINING, Processes()), train_state(), []
    for step in range(1, 9):
        before = len(proxy.requests)
        save(states, state, step)
        costs.append(len(proxy.requests) - before)
    assert len(set(costs[1:])) == 1, costs


def test_what_a_killed_process_did_not_drop_is_dropped_by_the_next(object_store: Store) -> None:
    killed = train_state()
    for step in (1, 2):
        save(States(object_store, TRAINING, Processes()), killed, step)  # which knows of none before that it could drop
    resumed, states = train_state(), States(object_store, TRAINING, Processes())
    states.load(resumed)
    assert states.saved == f"{TRAINING}/states/00000002" and len(resumed.metrics) == 2
    manifests = object_store.manifests(object_store.keys(TRAINING))
    assert [manifest.pruned is None for manifest in manifests.values()] == [False, True, True]  # and its shard
