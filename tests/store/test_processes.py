"""What a store promises to many processes: one artifact stands, dead writers leave nothing, one holder of a lock."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, open_store

KEY = "mixtures/ab12"

WRITE = """
import sys
from clt.store import open_store
store, word = open_store(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
with store.writer("mixtures/ab12") as attempt:
    for number in range(20):
        (attempt.path / f"{number}.txt").write_text(word * 20_000)
    attempt.metadata["word"] = word
"""

HOLD = """
import sys, time
from clt.store import open_store
store = open_store(sys.argv[1])
with store.lock("study-1"), store.track("evaluations/ab12", cell="x"), store.writer("mixtures/ab12") as attempt:
    (attempt.path / "half.txt").write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def attempts(store: Store) -> list[Path]:
    """Folders and owners; not the few bytes of an owner that was killed before its file had its name."""
    return sorted(Path(store.uri, KEY, "attempts").glob("[!.]*"))


def assert_complete_or_invisible(store: Store) -> bool:
    manifest = store.manifest(KEY)
    if manifest is None:
        return False
    folder = store.fetch(KEY)
    word = manifest.metadata["word"]
    assert {path.read_text() for path in folder.iterdir()} == {word * 20_000} and len(manifest.files) == 20
    return True


def test_concurrent_writers_never_mix_and_one_stands(store: Store) -> None:
    writers = [start(WRITE, store.uri, word) for word in "abcdef"]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(30) for writer in writers] == [0] * 6
    assert assert_complete_or_invisible(store)
    assert len(attempts(store)) == 1


def test_a_writer_killed_at_any_moment_leaves_all_or_nothing(store: Store) -> None:
    chance = random.Random(7)
    complete = 0
    for _ in range(12):
        writer = start(WRITE, store.uri, "w")
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
        time.sleep(chance.uniform(0, 0.03))
        writer.kill()
        writer.wait()
        if assert_complete_or_invisible(store):
            complete += 1
            Path(store.uri, KEY, "manifest.json").unlink()  # so that the next writer has something to do
    with store.writer(KEY) as attempt:
        for number in range(20):
            (attempt.path / f"{number}.txt").write_text("z" * 20_000)
        attempt.metadata["word"] = "z"
    assert assert_complete_or_invisible(store)
    # Of the killed ones that had published, the files were this test's to delete; all others were swept.
    assert len(attempts(store)) <= 1 + complete


def test_only_the_attempts_of_dead_writers_are_swept(store: Store) -> None:
    living = start(HOLD, store.uri)
    dead = [path for path in attempts(store) if path.is_dir()]
    with store.writer(KEY):
        assert dead[0].exists()  # its writer lives
    Path(store.uri, KEY, "manifest.json").unlink()
    living.kill()
    living.wait()
    with store.writer(KEY):
        assert not dead[0].exists()


def test_a_lock_names_its_holder_and_goes_with_it(store: Store) -> None:
    holder = start(HOLD, store.uri)
    message = rf"study-1 is in use by process {holder.pid} on .* since .*; wait for it"
    with pytest.raises(StoreError, match=message), store.lock("study-1"):
        pass
    with store.lock("study-2"):
        pass
    holder.kill()
    holder.wait()
    with store.lock("study-1"):
        pass


def test_a_waiting_lock_gets_its_turn(store: Store) -> None:
    holder = start(HOLD, store.uri)
    os.kill(holder.pid, signal.SIGSTOP)  # it cannot let go before we kill it
    waiter = start(
        'import sys; print("ready", flush=True); from clt.store import open_store\n'
        'with open_store(sys.argv[1]).lock("study-1", wait=True): pass',
        store.uri,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        waiter.wait(0.7)
    holder.kill()
    assert waiter.wait(10) == 0
    holder.wait()


def test_a_killed_tracker_is_interrupted(store: Store) -> None:
    holder = start(HOLD, store.uri)
    assert store.state("evaluations/ab12").state == "running"
    assert store.state("evaluations/ab12").facts["pid"] == holder.pid
    holder.kill()
    holder.wait()
    assert store.state("evaluations/ab12").state == "interrupted"
