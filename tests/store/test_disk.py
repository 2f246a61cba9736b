"""A disk that is full, read-only or forbidden: one clear error, and nothing half-written is visible."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import open_store

KEY = "mixtures/ab12"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB; skipped where mounting is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, text=True)
    if mount.returncode:
        pytest.skip(f"needs the right to mount a small file system: {mount.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_said_and_nothing_is_visible(small_disk: Path) -> None:
    store = open_store(small_disk)
    message = r"no space is left on the disk; make room .* run again to resume"
    with pytest.raises(StoreError, match=message), store.writer(KEY) as attempt:
        (attempt.path / "rows.bin").write_bytes(bytes(2**22))
    assert store.manifest(KEY) is None and store.keys("") == []
    with store.writer(KEY) as attempt:  # the failed attempt's room is free again
        (attempt.path / "rows.bin").write_bytes(bytes(2**20))
    assert store.keys("") == [KEY]


def test_a_full_disk_met_by_a_library_is_said_as_well(small_disk: Path) -> None:
    store = open_store(small_disk)
    with pytest.raises(StoreError, match="no space is left on the disk"), store.writer(KEY) as attempt:
        try:
            (attempt.path / "weights.bin").write_bytes(bytes(2**22))
        except OSError:
            raise RuntimeError("PytorchStreamWriter failed writing file data/0") from None


def test_a_full_disk_while_publishing_leaves_nothing(small_disk: Path) -> None:
    store = open_store(small_disk)
    with pytest.raises(StoreError, match="no space is left"), store.writer(KEY) as attempt:
        attempt.metadata["long"] = "x" * 2**22  # only the manifest does not fit
    assert store.keys("") == [] and not list(Path(store.uri, KEY).glob(".manifest*"))


def test_a_limit_on_file_size_is_said(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
    try:
        with pytest.raises(StoreError, match="a limit on the size of files"), store.writer(KEY) as attempt:
            (attempt.path / "rows.bin").write_bytes(bytes(2**22))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert store.manifest(KEY) is None


def test_a_store_that_is_not_writable_is_named(tmp_path: Path) -> None:
    """In a process without root's rights, which would be allowed everything."""
    folder = tmp_path / "store"
    folder.mkdir(mode=0o555)
    tmp_path.chmod(0o755)
    code = f"""
import os
from clt.store import open_store
from clt.errors import StoreError
store = open_store({str(folder)!r})
if os.geteuid() == 0:
    os.seteuid(65534)
for act in (lambda: store.writer("a/b"), lambda: store.lock("a"), lambda: store.track("a/b")):
    try:
        with act():
            print("written")
    except StoreError as error:
        print(error)
"""
    # A folder of another user's below /tmp may be closed to the process: then it is the same error.
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = result.stdout.splitlines()
    assert len(lines) == 3 and all("cannot be written: Permission denied" in line for line in lines)
    assert all(str(folder) in line and "--store" in line for line in lines)


def test_an_error_of_the_step_itself_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for error in (OSError(errno.EACCES, "Permission denied", "/elsewhere/data.jsonl"), RuntimeError("a bug")):
        with pytest.raises(type(error)), store.writer(KEY):
            raise error


def test_file_systems_without_hard_links_work_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    store = open_store(tmp_path / "store")
    for word in ("first", "second"):
        with store.writer(KEY) as attempt:
            (attempt.path / "rows.txt").write_text(word)
    assert (store.fetch(KEY) / "rows.txt").read_text() == "first"
