"""Locks and states of running work in an object store, where no kernel says that a process is gone: heartbeats.

A holder writes its object every BEAT seconds; one that was not written for STALE seconds, by the server's own clock, is
free. A holder that was cut off for longer than that may find its lock taken: it never writes over what another has put
there, is told so, and two processes then do the same work. Nothing is damaged by that, because artifacts are published
once, whoever works on them.
"""

import json
import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clt.errors import StoreError
from clt.store.beat import beating
from clt.store.bucket import Bucket, StoredObject
from clt.store.file_locks import as_state, failure, identity
from clt.store.json_file import parse_json
from clt.store.store import Note, State, Unreachable

BEAT = 15.0  # seconds
STALE = 60.0  # seconds; four beats, so that a server that is started again costs nobody a lock
POLL = 2.0  # seconds between two looks of one who waits

_log = logging.getLogger(__name__)


class _Held:
    """An object that is ours for as long as nobody else has written it."""

    def __init__(self, bucket: Bucket, path: str, content: dict[str, Any], etag: str) -> None:
        self._bucket, self._path, self._etag = bucket, path, etag
        self.content = content

    def write(self) -> bool:
        """Write the object again; False if it is not ours any more."""
        etag = self._bucket.write_if(self._path, _text(self.content), etag=self._etag)
        self._etag = etag or self._etag
        return etag is not None

    def beat(self) -> bool:
        try:
            return self.write()
        except StoreError:
            return True  # the work itself will say that the store is gone

    def release(self) -> None:
        """Delete the object if it is still ours."""
        stored = self._bucket.read(self._path)
        if stored is not None and _parsed(self._bucket, self._path, stored).get("holder") == self.content["holder"]:
            self._bucket.delete([self._path])


@contextmanager
def lock(bucket: Bucket, name: str, *, wait: bool) -> Iterator[None]:
    """Hold an object as the only one; a second holder waits, or StoreError says who has it."""
    path = f"locks/{name}.json"
    content = identity() | {"holder": uuid.uuid4().hex}
    pause = threading.Event()
    while (held := _take(bucket, path, content)) is None:
        stored = bucket.read(path)
        if not wait and stored is not None:
            who = _parsed(bucket, path, stored)
            raise StoreError(
                f"{name} is in use by process {who.get('pid')} on {who.get('host')} since {who.get('started')} "
                f"({bucket.uri}/{path}); wait for it or stop it, then run again (a minute later if it was killed)"
            )
        pause.wait(POLL)

    def beat(mine: _Held = held) -> bool:
        if not (kept := mine.beat()):
            _log.warning("%s: the lock was taken by another process, after this one was away for a minute", name)
        return kept

    try:
        with beating(beat, BEAT, path):
            yield
    finally:
        held.release()


@contextmanager
def track(bucket: Bucket, path: str, facts: dict[str, Any]) -> Iterator[Note]:
    """Keep a state object fresh while the block runs; leave the error there if it fails. Notes go out with a beat."""
    content = {"state": "running", **identity(), "facts": facts, "holder": uuid.uuid4().hex}
    held = _Held(bucket, path, content, bucket.write(path, _text(content)))

    def note(**new: Any) -> None:
        held.content = held.content | {"facts": held.content["facts"] | new}  # replaced: the beat may be reading it

    try:
        with beating(held.beat, BEAT, path):
            yield note
    except Unreachable:
        raise  # to say so there would wait for the same server again
    except Exception as error:
        held.content = held.content | failure(error)
        held.write()
        raise
    held.release()


def read_state(bucket: Bucket, path: str) -> State:
    """What the state object at a path says; a running one that is stale is `interrupted`. StoreError if damaged."""
    stored = bucket.read(path)
    if stored is None:
        return State(state="missing")
    return as_state(_parsed(bucket, path, stored), alive=stored.age <= STALE, place=f"{bucket.uri}/{path}")


def _take(bucket: Bucket, path: str, content: dict[str, Any]) -> _Held | None:
    """Write the object if nobody holds it."""
    stored = bucket.read(path)
    if stored is not None and stored.age <= STALE:
        return None
    etag = bucket.write_if(path, _text(content), etag=None if stored is None else stored.etag)
    return None if etag is None else _Held(bucket, path, content, etag)


def _text(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _parsed(bucket: Bucket, path: str, stored: StoredObject) -> dict[str, Any]:
    return parse_json(stored.content, f"{bucket.uri}/{path}", "delete it: it only says who is at work")
