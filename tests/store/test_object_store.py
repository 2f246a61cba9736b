"""What a store in a bucket promises: the same as a folder, with a server and a network in between."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, connection, heartbeat, open_store
from tests.store.conftest import fresh_store
from tests.store.minio_server import MISSING, MinioServer, is_there, running_minio

KEY = "trainings/ab12/checkpoints/00000050"
STALE_AT_ONCE = -1.0  # seconds: below the age of an object that has just been written


def wait_for(happens: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def publish(store: Store, key: str = KEY, text: str = "weights") -> Path:
    with store.writer(key) as attempt:
        (attempt.path / "model.bin").write_text(text)
        (attempt.path / "tokenizer").mkdir()
        (attempt.path / "tokenizer" / "vocabulary.txt").write_text("a\nb\n")
        (attempt.path / "empty").write_text("")
        attempt.metadata["step"] = 50
    return store.fetch(key)


def objects(store: Store, below: str) -> list[str]:
    return list(store._bucket.listing(below))  # type: ignore[attr-defined]


def test_a_clean_exit_publishes_files_checksums_and_metadata(object_store: Store) -> None:
    folder = publish(object_store)
    manifest = object_store.manifest(KEY)
    assert manifest is not None and manifest.metadata == {"step": 50} and manifest.pruned is None
    assert set(manifest.files) == {"model.bin", "tokenizer/vocabulary.txt", "empty"}
    assert (folder / "tokenizer/vocabulary.txt").read_text() == "a\nb\n" and (folder / "empty").read_text() == ""
    assert object_store.state(KEY).state == "done"


def test_nothing_is_visible_before_the_exit_and_nothing_left_after_an_exception(
    object_store: Store, tmp_path: Path
) -> None:
    with pytest.raises(ZeroDivisionError), object_store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text("half")
        raise ZeroDivisionError
    assert object_store.manifest(KEY) is None and object_store.keys("") == []
    assert objects(object_store, "trainings") == []
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_the_first_complete_writer_stands_and_the_other_leaves_nothing(object_store: Store) -> None:
    with object_store.writer(KEY) as slow:
        (slow.path / "model.bin").write_text("slow")
        publish(object_store, text="quick")
    assert (object_store.fetch(KEY) / "model.bin").read_text() == "quick"
    assert len(objects(object_store, f"{KEY}/attempts")) == 3


def test_two_writers_at_the_same_instant_leave_one_whole_artifact(object_store: Store) -> None:
    for round_ in range(5):
        key = f"mixtures/round{round_}"
        barrier = threading.Barrier(4)

        def write(word: str, key: str = key, barrier: threading.Barrier = barrier) -> None:
            with object_store.writer(key) as attempt:
                for number in range(5):
                    (attempt.path / f"{number}.txt").write_text(word)
                barrier.wait()

        threads = [threading.Thread(target=write, args=(word,)) for word in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        folder = object_store.fetch(key)
        assert len({path.read_text() for path in folder.glob("*.txt")}) == 1
        assert len(objects(object_store, f"{key}/attempts")) == 5


def test_keys_lists_complete_keys_below_a_prefix(object_store: Store) -> None:
    publish(object_store, "trainings/ab12/checkpoints/00000100")
    publish(object_store)
    publish(object_store, "mixtures/cd34")
    assert object_store.keys("trainings/ab12") == [KEY, "trainings/ab12/checkpoints/00000100"]
    assert object_store.keys("mixtures/cd34") == ["mixtures/cd34"]
    assert object_store.keys("nothing") == []
    assert len(object_store.keys("")) == 3


def test_a_damaged_object_is_named_and_not_cached(object_store: Store) -> None:
    with object_store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text("weights")
    (name,) = objects(object_store, f"{KEY}/attempts")
    object_store._bucket.write(name, b"weighty")  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match=r"model\.bin: the object is damaged: got SHA-256"):
        object_store.fetch(KEY)


def test_a_damaged_cache_is_fetched_again(object_store: Store) -> None:
    file = publish(object_store) / "model.bin"
    file.write_text("weighty")
    assert (object_store.fetch(KEY) / "model.bin").read_text() == "weights"


def test_a_pruned_key_keeps_its_manifest_and_loses_its_objects_and_its_cache(object_store: Store) -> None:
    folder = publish(object_store)
    object_store.prune(KEY, "the scores are complete")
    object_store.prune(KEY, "again")
    assert objects(object_store, f"{KEY}/attempts") == [] and not folder.exists()
    with pytest.raises(StoreError, match=r"were removed from the store .*the scores are complete"):
        object_store.fetch(KEY)
    publish(object_store, text="anew")
    assert (object_store.fetch(KEY) / "model.bin").read_text() == "anew"


def test_large_files_travel_in_parts_and_a_broken_download_goes_on(object_store: Store, tmp_path: Path) -> None:
    content = os.urandom(40 * 2**20 + 17)
    with object_store.writer(KEY) as attempt:
        (attempt.path / "weights.bin").write_bytes(content)
    code = (
        "import os, sys\nfrom clt.store import open_store, transfer\n"
        "fetch, seen = transfer.get_range, []\n"
        "def dies(bucket, name, start, length, descriptor):\n"
        "    if start >= 2 * transfer.PART: os._exit(9)\n"
        "    fetch(bucket, name, start, length, descriptor)\n"
        "transfer.get_range, transfer.PARALLEL_PARTS = dies, 1\n"
        f"open_store(sys.argv[1]).fetch({KEY!r})"
    )
    assert subprocess.run([sys.executable, "-c", code, object_store.uri]).returncode == 9
    (note,) = (tmp_path / "cache").rglob(".weights.bin.done")
    assert len(note.read_text().split()) == 2
    assert (object_store.fetch(KEY) / "weights.bin").read_bytes() == content
    assert not note.exists()


def test_a_lock_has_one_holder_and_a_silent_one_loses_it(object_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with object_store.lock("study-1"):
        with pytest.raises(StoreError, match=r"study-1 is in use by process \d+ on "), object_store.lock("study-1"):
            pass
        monkeypatch.setattr(heartbeat, "STALE", STALE_AT_ONCE)
        with object_store.lock("study-1"):
            pass
    with object_store.lock("study-1"):
        pass


def test_state_tells_running_failed_and_interrupted(object_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.1)
    with object_store.track(KEY, cell="x") as note:
        note(step=7)
        wait_for(lambda: "step" in object_store.state(KEY).facts)  # a beat has written it again
        assert object_store.state(KEY).state == "running"
        assert (object_store.state(KEY).facts["cell"], object_store.state(KEY).facts["step"]) == ("x", 7)
    assert object_store.state(KEY).state == "missing"
    with pytest.raises(StoreError), object_store.track(KEY):
        raise StoreError("no room")
    assert (object_store.state(KEY).state, object_store.state(KEY).error) == ("failed", "no room")
    with pytest.raises(KeyboardInterrupt), object_store.track(KEY):
        raise KeyboardInterrupt
    assert object_store.state(KEY).state == "running"  # nobody can know yet
    monkeypatch.setattr(heartbeat, "STALE", STALE_AT_ONCE)
    assert object_store.state(KEY).state == "interrupted"


def test_credentials_come_from_a_mounted_secret_too_and_are_shown_nowhere(
    object_store: Store, minio: MinioServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(object_store)
    for name in minio.environment:
        monkeypatch.delenv(name)
    (tmp_path / "secret").mkdir()
    for name, value in {
        "accesskey": minio.keys["access"],
        "secretkey": minio.keys["secret"],
        "endpoint": minio.url,
    }.items():
        (tmp_path / "secret" / name).write_text(value + "\n")
    monkeypatch.setenv("OBJECT_STORE_SECRET", str(tmp_path / "secret"))
    assert open_store(object_store.uri).keys("") == [KEY]
    kept = [path for path in minio.folder.rglob("some/prefix/**/*") if path.is_file()]
    assert kept and all(minio.keys["secret"].encode() not in path.read_bytes() for path in kept)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, r"refused by 127.0.0.1:\d+ \(SignatureDoesNotMatch\)"),
        ({"AWS_ACCESS_KEY_ID": ""}, "no credentials for the object store; set AWS_ACCESS_KEY_ID"),
        ({"AWS_ENDPOINT_URL": "10.0.0.1:9000"}, "AWS_ENDPOINT_URL: expected the object store's address, such as http"),
    ],
)
def test_what_is_wrong_with_the_connection_is_said(
    object_store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreError, match=message) as error:
        open_store(object_store.uri)
    assert "wrong" not in str(error.value)


def test_a_bucket_that_is_not_there_is_named(object_store: Store) -> None:
    with pytest.raises(StoreError, match="there is no bucket 'no-such-bucket' at "):
        open_store("s3://no-such-bucket/x")


def test_an_upload_outlives_a_server_that_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_there():
        pytest.skip(MISSING)
    with running_minio(tmp_path / "data") as server:
        store = fresh_store(server, tmp_path, monkeypatch)
        stopped = threading.Timer(0.2, server.stop)
        with store.writer(KEY) as attempt:
            for number in range(300):
                (attempt.path / f"{number}.bin").write_bytes(os.urandom(100_000))
            stopped.start()
            restarted = threading.Timer(1.5, server.start)
            restarted.start()
        stopped.join()
        restarted.join()
        assert len(list(store.fetch(KEY).glob("*.bin"))) == 300


def test_a_server_that_stays_away_is_said_and_leaves_nothing_half_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_there():
        pytest.skip(MISSING)
    monkeypatch.setattr(connection, "DEADLINE", 0.3)
    with running_minio(tmp_path / "data") as server:
        store = fresh_store(server, tmp_path, monkeypatch)
        said = pytest.raises(StoreError, match=r"cannot be reached .*start it or mend AWS_ENDPOINT_URL")
        with said, store.writer(KEY) as attempt:
            (attempt.path / "model.bin").write_text("weights")
            server.stop()
        server.start()
        assert store.manifest(KEY) is None and store.keys("") == []
        assert json.loads(json.dumps(publish(store).name))
