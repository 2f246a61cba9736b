"""What every kind of store promises (clt/store/store.py), by the same tests for each; a new kind is one parameter."""

from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, open_store

KEY = "trainings/ab12/checkpoints/00000050"


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return request.getfixturevalue("object_store") if request.param == "bucket" else open_store(tmp_path / "store")


def publish(store: Store, key: str = KEY, text: str = "weights") -> None:
    with store.writer(key) as attempt:
        (attempt.path / "inner").mkdir()
        (attempt.path / "inner" / "model.bin").write_text(text)
        attempt.metadata["step"] = 50


def test_what_was_written_is_fetched_with_its_metadata(store: Store) -> None:
    assert store.manifest(KEY) is None and store.state(KEY).state == "missing"
    publish(store)
    manifest = store.manifest(KEY)
    assert manifest is not None and manifest.metadata == {"step": 50} and list(manifest.files) == ["inner/model.bin"]
    assert (store.fetch(KEY) / "inner" / "model.bin").read_text() == "weights"
    assert store.state(KEY).state == "done"


def test_a_failed_writer_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text("half")
        raise ZeroDivisionError
    assert store.manifest(KEY) is None and store.keys("") == []


def test_the_first_complete_writer_stands(store: Store) -> None:
    with store.writer(KEY) as slow:
        (slow.path / "model.bin").write_text("slow")
        publish(store, text="quick")
    assert (store.fetch(KEY) / "inner" / "model.bin").read_text() == "quick"


def test_what_is_missing_is_said_by_its_key(store: Store) -> None:
    with pytest.raises(StoreError, match=KEY):
        store.fetch(KEY)


def test_keys_are_the_complete_ones_at_and_below_a_prefix(store: Store) -> None:
    for key in (KEY, "trainings/ab12", "mixtures/cd34"):
        publish(store, key)
    assert store.keys("trainings/ab12") == ["trainings/ab12", KEY]
    assert store.keys("") == ["mixtures/cd34", "trainings/ab12", KEY]
    assert store.keys("trainings/ab") == []


def test_what_is_pruned_leaves_its_reason_and_may_be_written_again(store: Store) -> None:
    publish(store)
    store.prune(KEY, "superseded")
    store.prune(KEY, "again is harmless")
    manifest = store.manifest(KEY)
    assert manifest is not None and manifest.pruned == "superseded" and store.keys("") == [KEY]
    with pytest.raises(StoreError, match="superseded"):
        store.fetch(KEY)
    publish(store, text="anew")
    assert (store.fetch(KEY) / "inner" / "model.bin").read_text() == "anew"


def test_what_somebody_else_removed_meanwhile_is_pruned_already(store: Store) -> None:
    """A training that ends and `clt gc` both let go of its resume states: the training failed."""
    publish(store)
    read = store.manifest(KEY)
    assert store.remove(KEY, only=read)
    store.prune(KEY, "superseded", only=read)
    assert store.manifest(KEY) is None


def test_a_lock_has_one_holder_and_says_who(store: Store) -> None:
    with store.lock("study"), pytest.raises(StoreError, match=r"in use by process \d+"), store.lock("study"):
        raise AssertionError("two holders")
    with store.lock("study"):
        pass


def test_others_see_who_works_on_a_key_and_how_it_ended(store: Store) -> None:
    with store.track(KEY, step="train") as note:
        note(loss=1.5)
        running = store.state(KEY)
    assert running.state == "running" and running.facts["step"] == "train" and "pid" in running.facts
    with pytest.raises(StoreError), store.track(KEY):
        raise StoreError("the disk is full")
    assert (store.state(KEY).state, store.state(KEY).error) == ("failed", "the disk is full")


def test_two_openings_are_one_store(store: Store) -> None:
    publish(store)
    assert open_store(store.uri).keys("") == [KEY]
