"""What a disk, a person or another program left in a store is an error that names it, and never more than that."""

import json
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, file_locks, heartbeat, open_store
from tests.store.test_object_store import wait_for

KEY, OTHER = "evaluations/ab12", "evaluations/cd34"
DAMAGED = [b"{", b"[]", b"7", b'{"state": "sleeping"}', b'{"facts": 7, "state": "running"}', b"\xff\xfe{", b"[" * 10**5]


def put(store: Store, name: str, content: bytes) -> None:
    """As somebody else might."""
    if store.uri.startswith("s3://"):
        store._bucket.write(name, content)  # type: ignore[attr-defined]
    else:
        Path(store.uri, name).parent.mkdir(parents=True, exist_ok=True)
        Path(store.uri, name).write_bytes(content)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return request.getfixturevalue("object_store") if request.param == "bucket" else open_store(tmp_path / "store")


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_state_is_named_and_hides_no_other(store: Store, content: bytes) -> None:
    with store.track(OTHER, cell="x"):
        put(store, f"{KEY}/state.json", content)
        with pytest.raises(StoreError, match=rf"{KEY}/state.json: damaged .*; delete it"):
            store.state(KEY)
        found = store.states([KEY, OTHER, "evaluations/ef56"])
        assert [state.state for state in found.values()] == ["failed", "running", "missing"]
        assert "state.json: damaged" in found[KEY].error


def test_a_damaged_lock_in_a_bucket_is_named(object_store: Store) -> None:
    put(object_store, "locks/study.json", b"{")
    with pytest.raises(StoreError, match=r"locks/study.json: damaged .*; delete it"), object_store.lock("study"):
        pass


def test_a_damaged_format_is_named(store: Store) -> None:
    put(store, "format.json", b"[1")
    with pytest.raises(StoreError, match=r"format.json: damaged"):
        open_store(store.uri)


def test_one_damaged_manifest_hides_no_other(store: Store) -> None:
    with store.writer(OTHER):
        pass
    put(store, f"{KEY}/manifest.json", b"{")
    assert list(store.manifests([KEY, OTHER])) == [OTHER]
    states = store.states([KEY, OTHER])
    assert states[OTHER].state == "done" and "the manifest is damaged" in states[KEY].error


@pytest.mark.parametrize("name", ["manifest.json", "state.json"])
def test_a_disk_that_fails_on_read_is_said_with_the_path(tmp_path: Path, name: str) -> None:
    """A link to the memory of the process, whose first page cannot be read: a real EIO."""
    store = open_store(tmp_path / "store")
    (tmp_path / "store" / KEY).mkdir(parents=True)
    (tmp_path / "store" / KEY / name).symlink_to("/proc/self/mem")
    with pytest.raises(StoreError, match=rf"{KEY}/{name}: cannot be read .*Input/output error.*; look after the disk"):
        store.state(KEY)


def test_a_disk_that_fails_on_write_is_said_and_nothing_is_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    store = open_store(tmp_path / "store")
    with pytest.raises(StoreError, match=r"Input/output error; look after the disk"), store.writer(KEY) as attempt:
        (attempt.path / "a").write_text("x")
        monkeypatch.setattr(os, "fsync", fails)
    monkeypatch.undo()
    assert store.manifest(KEY) is None


def test_a_folder_that_cannot_be_listed_is_no_shorter_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "store")
    with store.writer(KEY):
        pass

    def fails(_: object) -> None:
        raise OSError(5, "Input/output error", str(tmp_path / "store" / "evaluations"))

    monkeypatch.setattr(os, "scandir", fails)
    with pytest.raises(StoreError, match=r"evaluations: cannot be read or written: Input/output error"):
        store.keys("")


def state_of_another_host(store: Store) -> Path:
    put(store, f"{KEY}/state.json", json.dumps({"state": "running", "host": "a-pod-that-is-gone", "pid": 7}).encode())
    return Path(store.uri, KEY, "state.json")


def test_a_process_of_another_host_runs_while_its_state_is_renewed_and_no_longer(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    path = state_of_another_host(store)
    assert store.state(KEY).state == "running"
    long_ago = time.time() - file_locks.STALE - 1
    os.utime(path, (long_ago, long_ago))
    assert store.state(KEY).state == "interrupted" and store.state(KEY).facts["host"] == "a-pod-that-is-gone"


def test_who_works_renews_its_state_though_nothing_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_locks, "BEAT", 0.02)
    store = open_store(tmp_path / "store")
    with store.track(KEY):
        path = Path(store.uri, KEY, "state.json")
        os.utime(path, (0, 0))
        wait_for(lambda: path.stat().st_mtime > 0)


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether holders are away for so long that the next one finds their object stale."""
    monkeypatch.setattr(heartbeat, "BEAT", 0.05)
    return lambda away: monkeypatch.setattr(heartbeat, "STALE", -1.0 if away else 60.0)


def test_a_lock_holder_that_slept_leaves_the_new_holders_lock_alone_and_is_told(
    object_store: Store, beats: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    with open_store(object_store.uri).lock("study"):
        beats(True)
        with object_store.lock("study"):
            beats(False)
            wait_for(lambda: any("the lock was taken" in record.message for record in caplog.records))
            with pytest.raises(StoreError, match="study is in use"), open_store(object_store.uri).lock("study"):
                pass
        assert caplog.records[-1].levelno == logging.WARNING


def test_the_end_of_a_lost_lock_is_not_the_end_of_the_new_holders(object_store: Store, beats: Callable) -> None:
    old, new = open_store(object_store.uri).lock("study"), object_store.lock("study")
    old.__enter__()
    beats(True)
    new.__enter__()
    beats(False)
    old.__exit__(None, None, None)
    with pytest.raises(StoreError, match="study is in use"), open_store(object_store.uri).lock("study"):
        pass
    new.__exit__(None, None, None)


def test_a_tracker_that_slept_does_not_write_over_the_one_that_works(object_store: Store, beats: Callable) -> None:
    with object_store.track(KEY, cell="new"):
        pass
    with pytest.raises(StoreError), object_store.track(KEY, cell="old"), object_store.track(KEY, cell="new"):
        raise StoreError("a failure of the new one")
    assert object_store.state(KEY).facts["cell"] == "new" and object_store.state(KEY).state == "failed"
