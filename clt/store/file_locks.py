"""Locks and states of running work as files that a process holds by flock: the kernel says when the process is gone.

A process id alone is no proof that the process lives: ids are used again, and each container has its own. The host is
compared as well, because some network file systems keep locks to one machine: of another host's process only the age of
its file tells, which it renews every BEAT seconds.
"""

import fcntl
import json
import os
import socket
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from clt.errors import CellFailure, DataError, StoreError, StudyError, UserError
from clt.store.beat import beating
from clt.store.json_file import parse_json
from clt.store.manifest import now
from clt.store.store import Note, State

_HOST = socket.gethostname()
_NOTED = 1024  # bytes of a state file, filled with blanks: it is overwritten in place, so its size stays
_PAUSE = 2.0  # seconds between two notes on disk
BEAT = 60.0  # seconds
STALE = 600.0  # seconds without a beat; much longer than one, as the clocks of two hosts differ
_STATES = ("running", "failed", "interrupted")


def identity() -> dict[str, Any]:
    """Who this process is, for others to read."""
    return {"host": _HOST, "pid": os.getpid(), "started": now()}


def failure(error: Exception) -> dict[str, Any]:
    """What is written of the error that is being handled. A store or a cluster that fails may work a minute later."""
    text = str(error) if isinstance(error, UserError) else traceback.format_exc()
    final = isinstance(error, (StudyError, DataError, CellFailure))
    return {"state": "failed", "error": text, "final": final}


def as_state(content: dict[str, Any], *, alive: bool, place: str) -> State:
    """What a state file or object says, given whether its writer lives. StoreError if it is none of ours."""
    state, facts = content.get("state", "interrupted"), content.get("facts", {})
    if state not in _STATES or not isinstance(facts, dict) or not isinstance(content.get("error", ""), str):
        raise StoreError(f"{place}: damaged (got state {state!r}), expected one of {', '.join(_STATES)}; delete it")
    return State(
        state="interrupted" if state == "running" and not alive else state,
        error=content.get("error", ""),
        final=bool(content.get("final", False)),
        started=str(content.get("started", "")),
        facts=facts | {name: content[name] for name in ("host", "pid") if name in content},
    )


def hold_new(path: Path, content: dict[str, Any]) -> IO[str]:
    """Put a file in place that this process holds; held from its first visible moment until it is closed."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    file = beside.open("x", encoding="utf-8")
    try:
        _flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        json.dump(content, file)
        file.flush()
        beside.replace(path)
    except BaseException:
        file.close()
        beside.unlink(missing_ok=True)
        raise
    return file


def is_held(file: IO[str]) -> bool:
    """Whether a living process holds this open file; if not, the caller holds it from now until it is closed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or a file system without locks, where nobody may be taken for dead
        return True
    return False


def abandoned(path: Path) -> IO[str] | None:
    """The open file at `path`, now held by the caller, if its holder was a process of this host and is gone."""
    try:
        file = path.open("r+", encoding="utf-8")
    except OSError:
        return None
    if not is_held(file) and _read_loosely(file).get("host") == _HOST:
        return file
    file.close()
    return None


@contextmanager
def guard(path: Path) -> Iterator[None]:
    """Hold `path` for the moment of a look and a write; where the file system has no locks, just go on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def lock(path: Path, name: str, wait: bool) -> Iterator[None]:
    """Hold `path` as the only one. The file stays behind: removing it would let two processes hold two of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            who = _read_loosely(file)
            holder = f"process {who['pid']} on {who['host']} since {who['started']}" if who else "another process"
            raise StoreError(f"{name} is in use by {holder} ({path}); wait for it or stop it, then run again") from None
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be locked ({error.strerror}); use a --store whose file system has locks"
            ) from error
        file.truncate(0)
        json.dump(identity(), file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


@contextmanager
def track(path: Path, facts: dict[str, Any]) -> Iterator[Note]:
    """Keep a held state file at `path` while the block runs; leave the error there if it fails.

    Notes are written at most every two seconds.
    """
    content = {"state": "running", **identity(), "facts": facts}
    path.parent.mkdir(parents=True, exist_ok=True)
    file, noted = hold_new(path, content), time.monotonic()

    def note(**new: Any) -> None:
        nonlocal noted
        content["facts"] = content["facts"] | new
        if time.monotonic() - noted >= _PAUSE:
            os.ftruncate(file.fileno(), os.pwrite(file.fileno(), _padded(content), 0))
            noted = time.monotonic()

    def beat() -> bool:
        with suppress(OSError):
            os.utime(file.fileno())
        return True

    try:
        with beating(beat, BEAT, path.name):
            yield note
    except Exception as error:
        hold_new(path, content | failure(error)).close()
        raise
    else:
        if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:  # not another process's by now
            path.unlink(missing_ok=True)
    finally:
        file.close()


def read_state(path: Path) -> State:
    """What the state file at `path` says; a running one whose process is gone is `interrupted`."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return State(state="missing")
    with file:
        content = _read(file, path)
        alive = _is_locked(file) if content.get("host") == _HOST else _age(file) <= STALE
    return as_state(content, alive=alive, place=str(path))


def _age(file: IO[str]) -> float:
    return time.time() - os.fstat(file.fileno()).st_mtime


def _padded(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode().ljust(_NOTED)


def _is_locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _flock(file: IO[str], how: int) -> None:
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        raise
    except OSError:
        pass  # a file system without locks: nobody's attempt is ever taken for dead there


def _read(file: IO[str], path: Path) -> dict[str, Any]:
    file.seek(0)
    text = file.read()
    # empty: its holder is between taking it and writing its name
    return parse_json(text, str(path), "delete it: it only says who is at work") if text.strip() else {}


def _read_loosely(file: IO[str]) -> dict[str, Any]:
    """What is there for people to read; nothing hangs on it."""
    try:
        return _read(file, Path(file.name))
    except (StoreError, UnicodeDecodeError):
        return {}
