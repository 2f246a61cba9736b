"""Locks and states of running work in an object store, where no kernel says that a process is gone: heartbeats.

A holder writes its object every BEAT seconds; one that was not written for STALE seconds, by the server's own clock, is
free. A holder that was cut off for longer than that may find its lock taken, and two processes then do the same
work: it is done twice, but nothing is damaged, because artifacts are published once, whoever works on them.
"""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clt.errors import StoreError
from clt.store.bucket import Bucket, StoredObject, Unreachable
from clt.store.file_locks import as_state, failure, identity
from clt.store.store import Note, State

BEAT = 15.0  # seconds
STALE = 60.0  # seconds; four beats, so that a server that is started again costs nobody a lock
POLL = 2.0  # seconds between two looks of one who waits


@contextmanager
def lock(bucket: Bucket, name: str, *, wait: bool) -> Iterator[None]:
    """Hold an object as the only one; a second holder waits, or StoreError says who has it."""
    path = f"locks/{name}.json"
    content = identity() | {"holder": uuid.uuid4().hex}
    pause = threading.Event()
    while not _take(bucket, path, content):
        stored = bucket.read(path)
        if not wait and stored is not None:
            who = _parsed(stored)
            raise StoreError(
                f"{name} is in use by process {who.get('pid')} on {who.get('host')} since {who.get('started')} "
                f"({bucket.uri}/{path}); wait for it or stop it, then run again (a minute later if it was killed)"
            )
        pause.wait(POLL)
    try:
        with _beating(bucket, path, content):
            yield
    finally:
        _release(bucket, path, content)


@contextmanager
def track(bucket: Bucket, path: str, facts: dict[str, Any]) -> Iterator[Note]:
    """Keep a state object alive while the block runs; leave the error there if it fails. Notes go out with a beat."""
    content = {"state": "running", **identity(), "facts": facts, "holder": uuid.uuid4().hex}

    def note(**new: Any) -> None:
        content["facts"] = content["facts"] | new  # replaced, not changed: the beat may be reading it

    bucket.write(path, _text(content))
    try:
        with _beating(bucket, path, content):
            yield note
    except Unreachable:
        raise  # to say so there would wait for the same server again
    except Exception as error:
        bucket.write(path, _text(content | failure(error)))
        raise
    _release(bucket, path, content)


def read_state(bucket: Bucket, path: str) -> State:
    """What the state object at a path says; a running one whose holder is silent is `interrupted`."""
    stored = bucket.read(path)
    if stored is None:
        return State(state="missing")
    content = _parsed(stored)
    state = content.get("state", "interrupted")
    if state == "running" and stored.age > STALE:
        state = "interrupted"
    return as_state(content, state)


def _take(bucket: Bucket, path: str, content: dict[str, Any]) -> bool:
    """Write the object if nobody holds it, and look who does then."""
    stored = bucket.read(path)
    if stored is not None and stored.age <= STALE and not _is(stored, content):
        return False
    bucket.write_if(path, _text(content), etag=None if stored is None else stored.etag)
    stored = bucket.read(path)
    return stored is not None and _is(stored, content)


@contextmanager
def _beating(bucket: Bucket, path: str, content: dict[str, Any]) -> Iterator[None]:
    """Write the object again and again while the block runs."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT):
            try:
                bucket.write(path, _text(content))
            except StoreError:
                continue  # the work itself will say that the store is gone

    thread = threading.Thread(target=beat, name=f"heartbeat of {path}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=BEAT)  # longer only while the server is away


def _release(bucket: Bucket, path: str, content: dict[str, Any]) -> None:
    """Delete the object if it is still ours."""
    if (stored := bucket.read(path)) is not None and _is(stored, content):
        bucket.delete([path])


def _is(stored: StoredObject, content: dict[str, Any]) -> bool:
    return _parsed(stored).get("holder") == content["holder"]


def _text(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _parsed(stored: StoredObject) -> dict[str, Any]:
    return dict(json.loads(stored.content))
