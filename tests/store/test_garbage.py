"""What `clt gc` lets go of is what no reader can see and no living writer needs, in a folder and in a bucket."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clt.store import Store, bucket_garbage, folder_garbage, open_store

KEY = "trainings/ab12"
DIES = """
import os, sys
from clt.store import open_store
writer = open_store(sys.argv[1]).writer(sys.argv[2])
attempt = writer.__enter__()
(attempt.path / "half.bin").write_bytes(b"half")
os._exit(9)
"""


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return request.getfixturevalue("object_store") if request.param == "bucket" else open_store(tmp_path / "store")


@pytest.fixture
def a_day_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def pass_() -> None:
        monkeypatch.setattr(folder_garbage, "DEAD", -1.0)
        monkeypatch.setattr(bucket_garbage, "DEAD", -1.0)

    return pass_


def publish(store: Store, key: str = KEY, text: str = "weights") -> None:
    with store.writer(key) as attempt:
        (attempt.path / "model.bin").write_text(text)


def put_back(store: Store, name: str, content: bytes = b"weights") -> None:
    """A file that its deleter did not come to."""
    if store.uri.startswith("s3://"):
        store._bucket.write(name, content)  # type: ignore[attr-defined]
    else:
        path = Path(store.uri, name)
        path.parent.mkdir(parents=True)
        path.write_bytes(content)


def found(store: Store) -> dict[str, tuple[str, int]]:
    return {each.place: (each.kind, each.size) for each in store.garbage()}


def collect(store: Store) -> None:
    assert all(each.remove() for each in store.garbage())
    assert store.garbage() == []


def test_what_stands_is_no_garbage_whatever_its_age(store: Store, a_day_passes: Callable) -> None:
    publish(store)
    a_day_passes()
    assert store.garbage() == []


def test_files_behind_a_tombstone_go_and_the_tombstone_stays(store: Store) -> None:
    publish(store)
    manifest = store.manifest(KEY)
    assert manifest is not None
    store.prune(KEY, "superseded")
    place = f"{KEY}/attempts/{manifest.attempt}"
    put_back(store, f"{place}/model.bin")
    assert found(store) == {place: ("files behind a tombstone", 7)}
    collect(store)
    assert store.manifest(KEY) == manifest.tombstone("superseded")


def test_an_attempt_goes_after_a_day_and_not_before(store: Store, a_day_passes: Callable) -> None:
    place = f"{KEY}/attempts/{'a' * 32}"
    put_back(store, f"{place}/half.bin", b"half")
    assert store.garbage() == []
    a_day_passes()
    assert found(store) == {place: ("abandoned attempt", 4)}
    collect(store)


def test_an_attempt_that_was_published_since_it_was_found_stays(store: Store, a_day_passes: Callable) -> None:
    a_day_passes()
    publish(store)
    manifest = store.manifest(KEY)
    assert manifest is not None
    store.remove(KEY, only=None)
    (garbage,) = store.garbage()
    put_manifest = manifest.to_json().encode()
    if store.uri.startswith("s3://"):
        store._bucket.write(f"{KEY}/manifest.json", put_manifest)  # type: ignore[attr-defined]
    else:
        Path(store.uri, KEY, "manifest.json").write_bytes(put_manifest)
    assert not garbage.remove() and (store.fetch(KEY) / "model.bin").read_text() == "weights"


def test_who_cannot_read_a_manifest_deletes_nothing_below_it(store: Store, a_day_passes: Callable) -> None:
    publish(store)
    a_day_passes()
    if store.uri.startswith("s3://"):
        store._bucket.write(f"{KEY}/manifest.json", b"{")  # type: ignore[attr-defined]
    else:
        Path(store.uri, KEY, "manifest.json").write_bytes(b"{")
    assert store.garbage() == []


def test_a_folders_dead_writer_leaves_garbage_and_a_living_one_none(tmp_path: Path, a_day_passes: Callable) -> None:
    store = open_store(tmp_path / "store")
    assert subprocess.run([sys.executable, "-c", DIES, store.uri, "mixtures/dead"]).returncode == 9
    with store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text("weights")
        a_day_passes()
        assert [place.partition("/attempts")[0] for place in found(store)] == ["mixtures/dead"]
        collect(store)
    assert (store.fetch(KEY) / "model.bin").read_text() == "weights"


def test_an_unfinished_upload_in_parts_is_dropped(object_store: Store, a_day_passes: Callable) -> None:
    bucket = object_store._bucket  # type: ignore[attr-defined]
    name = f"{KEY}/attempts/{'a' * 32}/weights.bin"
    bucket.client._create_multipart_upload(bucket.name, bucket.path(name), {})
    a_day_passes()
    (upload,) = bucket.uploads(name)  # MinIO lists uploads by the exact name of an object alone, S3 by any prefix
    assert upload.name == name
    bucket.abort(upload)
    assert bucket.uploads(name) == []


def test_cached_copies_go_when_they_were_not_used_for_a_week(object_store: Store) -> None:
    publish(object_store)
    folder = object_store.fetch(KEY)
    assert object_store.garbage() == []
    os.utime(folder, (0, 0))
    object_store.fetch(KEY)  # used again
    assert object_store.garbage() == []
    os.utime(folder, (0, 0))
    (garbage,) = object_store.garbage()
    assert (garbage.kind, garbage.size) == ("cached copy", 7) and garbage.remove() and not folder.exists()
    assert (object_store.fetch(KEY) / "model.bin").read_text() == "weights"


def test_a_removed_key_is_gone_unless_it_was_made_anew(store: Store) -> None:
    publish(store)
    decided_on = store.manifest(KEY)
    store.prune(KEY, "superseded")
    assert not store.remove(KEY, only=decided_on)
    assert store.remove(KEY, only=store.manifest(KEY)) and store.manifest(KEY) is None and store.keys("") == []
    publish(store, text="anew")
    assert (store.fetch(KEY) / "model.bin").read_text() == "anew"
