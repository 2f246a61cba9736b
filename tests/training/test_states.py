"""The tensors of a state: rows come back from however many shards, and what cannot be saved leaves the older state."""

import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from clt.errors import StoreError
from clt.store import Store, Unreachable, open_store
from clt.training.processes import Processes
from clt.training.sharding import shard_rows
from clt.training.state_shards import TrainState, fill, own_tensors
from clt.training.states import StagedState, States
from clt.training.upload import Uploads


def a_state() -> TrainState:
    torch.manual_seed(0)
    network = torch.nn.Linear(3, 5)
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return TrainState(network=network, optimizer=optimizer, scheduler=None)


@pytest.mark.parametrize("shards", [1, 2, 3, 4, 7])
def test_rows_come_back_from_any_number_of_shards(shards: int, tmp_path: Path) -> None:
    store, saved = open_store(tmp_path / "store"), a_state()
    keys = [f"trainings/ab/states/00000001/run-{index}" for index in range(shards)]
    for index, key in enumerate(keys):
        with store.writer(key) as attempt:
            tensors = {
                name: (value[shard_rows(len(value), index, shards)] if value.ndim else value).clone()
                for name, value in own_tensors(saved).items()
            }
            save_file(tensors, attempt.path / "state.safetensors")
    fresh = a_state()
    with torch.no_grad():
        for parameter in fresh.network.parameters():
            parameter.zero_()
    fresh.optimizer.state.clear()
    fill(fresh, store, keys, Processes())
    expected = own_tensors(saved)
    assert own_tensors(fresh).keys() == expected.keys()
    assert all(torch.equal(value, expected[name]) for name, value in own_tensors(fresh).items())


class Full:
    """What publishes a state, in a store that fails as one says."""

    def __init__(self, uploads: Uploads, states: States) -> None:
        self._uploads, self._states = uploads, states

    def save(self, step: int, *, fails: StoreError | None = None) -> None:
        def publish() -> None:
            if fails is not None:
                raise fails

        key = f"trainings/ab/states/{step:08d}"
        self._uploads.add_state(StagedState(key=key, publish_shard=publish, publish=lambda: None))
        self._uploads.wait()


@pytest.fixture
def full(tmp_path: Path) -> Any:
    store: Store = open_store(tmp_path / "store")
    states = States(store, "trainings/ab", Processes())
    with Uploads(Processes(), states, keeps_all=False) as uploads:
        yield Full(uploads, states), states


def test_a_state_that_cannot_be_saved_leaves_the_older_one_and_is_told(
    full: tuple[Full, States], caplog: pytest.LogCaptureFixture
) -> None:
    store, states = full
    store.save(1)
    store.save(2, fails=StoreError("no room"))
    assert states.saved == "trainings/ab/states/00000001"
    assert "00000002: this state could not be saved (no room); trainings/ab/states/00000001 stays" in caplog.text


def test_a_training_that_can_save_no_state_at_all_ends(full: tuple[Full, States]) -> None:
    with pytest.raises(StoreError, match=r"no state of this training can be saved \(no room\)"):
        full[0].save(1, fails=StoreError("no room"))


def test_a_store_that_cannot_be_reached_is_asked_nothing_more_though_an_older_state_stands(
    full: tuple[Full, States], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, states = full
    store.save(1)

    def asked(*_: object) -> None:
        pytest.fail("each question to a store that is away takes five minutes")

    monkeypatch.setattr(States, "let_go", asked)
    with pytest.raises(Unreachable, match="cannot be reached"):
        store.save(2, fails=Unreachable("the object store cannot be reached"))
    assert states.saved == "trainings/ab/states/00000001"


@pytest.mark.parametrize(("keeps_all", "published"), [(False, ["a", "c"]), (True, ["a", "b", "c"])])
def test_weights_that_wait_are_replaced_by_better_ones_unless_all_are_kept(
    keeps_all: bool, published: list[str], tmp_path: Path
) -> None:
    store, seen, first = open_store(tmp_path / "store"), list[str](), threading.Event()

    def publish(name: str) -> None:
        if name == "a" and not keeps_all:
            first.wait(60)  # it goes up while the others come
        seen.append(name)

    with Uploads(Processes(), States(store, "trainings/ab", Processes()), keeps_all=keeps_all) as uploads:
        for name in "abc":
            uploads.make_room()
            uploads.add_weights(lambda name=name: publish(name))
        assert not uploads.is_free
        first.set()
        uploads.wait()
        assert uploads.is_free
    assert seen == published
