"""`clt verify` names everything that is not as its manifest says, and a copy made while a store is written verifies."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clt.local import let_go
from clt.store import Store, open_store, transfer, verify
from tests.store.minio_server import MinioServer

MC = shutil.which("mc")


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return request.getfixturevalue("object_store") if request.param == "bucket" else open_store(tmp_path / "store")


def publish(store: Store, key: str, content: bytes = b"weights") -> str:
    """Where its file is."""
    with store.writer(key) as attempt:
        (attempt.path / "model.bin").write_bytes(content)
    manifest = store.manifest(key)
    assert manifest is not None
    return f"{key}/attempts/{manifest.attempt}/model.bin"


def write(store: Store, name: str, content: bytes | None) -> None:
    """Past the store; None deletes."""
    if store.uri.startswith("s3://"):
        bucket = store._bucket  # type: ignore[attr-defined]
        bucket.delete([name]) if content is None else bucket.write(name, content)
    elif content is None:
        Path(store.uri, name).unlink()
    else:
        Path(store.uri, name).write_bytes(content)


def test_a_whole_store_verifies_tombstones_included(store: Store) -> None:
    publish(store, "trainings/a")
    publish(store, "trainings/b")
    store.prune("trainings/b", "superseded")
    result = verify(store)
    assert (result.artifacts, result.files, result.size, result.damaged) == (1, 1, 7, {})


@pytest.mark.parametrize("size", [7, transfer.SMALL + 1])
def test_every_damage_is_named_and_nothing_else(store: Store, size: int) -> None:
    content = os.urandom(size)
    names = {
        key: publish(store, f"trainings/{key}", content) for key in ("flipped", "shorter", "lost", "fine", "listed")
    }
    write(store, names["flipped"], bytes([content[0] ^ 1]) + content[1:])
    write(store, names["shorter"], content[:-1])
    write(store, names["lost"], None)
    write(store, "trainings/listed/manifest.json", b"{}")
    opened = open_store(store.uri)
    damaged = verify(opened).damaged
    assert sorted(damaged) == [f"trainings/{key}" for key in ("flipped", "listed", "lost", "shorter")]
    assert "damaged" in damaged["trainings/flipped"][0] and "model.bin" in damaged["trainings/lost"][0]
    assert sorted(verify(opened, read=False).damaged) == [f"trainings/{key}" for key in ("listed", "lost", "shorter")]


def test_what_is_damaged_is_let_go_with_its_output_and_made_anew(store: Store) -> None:
    for key in ("trainings/a", "trainings/b", "trainings/b/checkpoints/00000002", "trainings/b/states/00000002"):
        name = publish(store, key)
        if key.startswith("trainings/b/"):
            write(store, name, None)
    write(store, "trainings/a/manifest.json", b"{")
    gone = let_go(store, verify(store).damaged)
    assert gone == ["trainings/a", "trainings/b", "trainings/b/checkpoints/00000002", "trainings/b/states/00000002"]
    assert store.keys("") == [] and verify(store).damaged == {}
    publish(store, "trainings/a", b"anew")
    assert (store.fetch("trainings/a") / "model.bin").read_bytes() == b"anew"


@pytest.mark.parametrize("below", ["states/00000002", "job-logs/train-1-ab"])
def test_what_can_be_done_without_does_not_cost_its_training(store: Store, below: str) -> None:
    publish(store, "trainings/a")
    write(store, publish(store, f"trainings/a/{below}"), b"x")
    assert let_go(store, verify(store).damaged) == [f"trainings/a/{below}"]
    assert store.keys("") == ["trainings/a"]


@contextmanager
def busy(store: Store) -> Iterator[Callable[[int], None]]:
    """A writer that publishes and prunes on and on; the function waits until it has done so many more."""
    ended, done = threading.Event(), threading.Semaphore(0)

    def work() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            publish(store, f"trainings/t{number}/states/00000001")
            publish(store, f"trainings/t{number}")
            store.prune(f"trainings/t{number}/states/00000001", "the training is complete")
            done.release()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield lambda number: [done.acquire(timeout=60) for _ in range(number)] and None
    finally:
        ended.set()
        thread.join()


def assert_restores(copy: Store, before: set[str]) -> None:
    """What was complete before the copy began is complete in it, and after mending the copy verifies."""
    damaged = verify(copy).damaged
    assert all("/states/" in key for key in damaged), damaged  # pruned between the two passes
    let_go(copy, damaged)
    assert verify(copy).damaged == {} and before <= set(copy.keys(""))
    assert before <= {key for key, manifest in copy.manifests(copy.keys("")).items() if manifest.pruned is None}


def whole(store: Store) -> set[str]:
    return {key for key in store.keys("trainings") if "/states/" not in key}


def test_a_copy_of_a_folder_made_while_it_is_written_restores(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    with busy(store) as wait_for:
        wait_for(3)
        before = whole(store)
        for skipped in ("attempts", "manifest.json"):  # as in docs/operations.md: rsync --exclude
            ignore = shutil.ignore_patterns(skipped, ".*", "*.owner")
            shutil.copytree(
                store.uri, tmp_path / "copy", ignore=ignore, dirs_exist_ok=True, ignore_dangling_symlinks=True
            )
            wait_for(2)
    assert_restores(open_store(tmp_path / "copy"), before)


@pytest.mark.skipif(MC is None, reason="needs MinIO's client `mc` on the PATH")
def test_a_copy_of_a_bucket_made_while_it_is_written_restores(
    object_store: Store, minio: MinioServer, tmp_path: Path
) -> None:
    keys = f"{minio.keys['access']}:{minio.keys['secret']}"
    environment = os.environ | {"MC_HOST_here": minio.url.replace("//", f"//{keys}@"), "MC_CONFIG_DIR": str(tmp_path)}
    source = object_store.uri.replace("s3://", "here/")
    copy = source.partition("/some")[0] + "/copy"
    with busy(object_store) as wait_for:
        wait_for(3)
        before = whole(object_store)
        for skipped in ("*/attempts/*", "*/manifest.json"):
            mirror = [str(MC), "--quiet", "mirror", "--overwrite", "--exclude", skipped, f"{source}/", f"{copy}/"]
            subprocess.run(mirror, env=environment, check=True, capture_output=True)
            wait_for(2)
    assert_restores(open_store(copy.replace("here/", "s3://")), before)
