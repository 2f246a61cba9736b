"""A store in a bucket of S3 or MinIO, with the layout of the local folder (see `clt.store.local`).

A writer works in a local folder of its own, which is uploaded when it is complete, the manifest last and on condition
that none stands. A reader gets the files in a local cache, checked against the manifest each time. What a listing shows
is never taken for complete: only a manifest says so.
"""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clt.errors import StoreError
from clt.store import file_locks, heartbeat
from clt.store.atomic_write import disk_errors
from clt.store.bucket import Bucket
from clt.store.manifest import STORE_FORMAT, Manifest, newer_format, now, parse_manifest
from clt.store.store import Attempt, Note, State, check_key
from clt.store.transfer import download_folder, upload_folder

_FORMAT = "format.json"
_INNER = ("attempts", "locks", "logs")
_DEAD = 24 * 3600.0  # seconds after which an attempt without a manifest is taken for abandoned


class ObjectStore:
    """See `clt.store.Store` for what the methods promise. `cache` holds fetched and unfinished files."""

    def __init__(self, uri: str, cache: Path | None = None) -> None:
        name, _, prefix = uri.removeprefix("s3://").strip("/").partition("/")
        if not name:
            raise StoreError(f"store {uri!r}: expected s3://BUCKET or s3://BUCKET/PREFIX")
        self._bucket = Bucket(name, prefix)
        mark = hashlib.sha256(self.uri.encode()).hexdigest()[:16]
        self._cache = (cache or _cache_folder()) / mark
        self._check_format()

    @property
    def uri(self) -> str:
        return self._bucket.uri

    @property
    def folder(self) -> Path:
        return self._cache

    def manifest(self, key: str) -> Manifest | None:
        stored = self._bucket.read(_manifest(check_key(key)))
        return None if stored is None else parse_manifest(stored.content, f"{self.uri}/{_manifest(key)}")

    @contextmanager
    def writer(self, key: str) -> Iterator[Attempt]:
        check_key(key)
        name = uuid.uuid4().hex
        path = self._cache / "staging" / name
        with disk_errors(self._cache):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._sweep_staging()
            owner = file_locks.hold_new(path.with_name(f"{name}.owner"), file_locks.identity())
            try:
                with disk_errors(self._cache):
                    path.mkdir()
                    attempt = Attempt(path=path)
                    yield attempt
                    self._publish(key, attempt)
            finally:
                shutil.rmtree(path, ignore_errors=True)
                path.with_name(f"{name}.owner").unlink(missing_ok=True)
                owner.close()

    def fetch(self, key: str) -> Path:
        manifest = self.manifest(key)
        if manifest is None:
            raise StoreError(f"{key}: not in the store {self.uri}, or not complete; run the step that writes it")
        if manifest.pruned is not None:
            raise StoreError(
                f"{key}: its files were removed from the store {self.uri} ({manifest.pruned}); "
                f"delete {key} there and run again: it is made anew"
            )
        folder = self._cached(key, manifest)
        with disk_errors(self._cache):
            folder.mkdir(parents=True, exist_ok=True)
            with file_locks.lock(folder.with_name(f"{folder.name}.lock"), key, wait=True):
                download_folder(self._bucket, f"{key}/attempts/{manifest.attempt}", manifest.files, folder)
        return folder

    def keys(self, prefix: str) -> list[str]:
        keys, folders = [], [check_key(prefix) if prefix else ""]
        while folders:
            folder = folders.pop()
            below, objects = self._bucket.children(folder)
            if "manifest.json" in objects and self.manifest(folder) is not None:
                keys.append(folder)
            folders += [f"{folder}/{name}".lstrip("/") for name in below if name not in _INNER]
        return sorted(keys)

    def prune(self, key: str, reason: str) -> None:
        manifest = self.manifest(key)
        if manifest is None:
            raise StoreError(f"{key}: not in the store {self.uri}, or not complete; only complete keys are pruned")
        if manifest.pruned is None:
            # The tombstone first: stopped between the two, the files are left over but never half there.
            self._bucket.write(_manifest(key), manifest.tombstone(reason).to_json().encode())
        self._bucket.delete(self._bucket.files(f"{key}/attempts/{manifest.attempt}"))
        shutil.rmtree(self._cached(key, manifest), ignore_errors=True)

    @contextmanager
    def lock(self, name: str, *, wait: bool = False) -> Iterator[None]:
        with heartbeat.lock(self._bucket, check_key(name), wait=wait):
            yield

    @contextmanager
    def track(self, key: str, **facts: Any) -> Iterator[Note]:
        with heartbeat.track(self._bucket, f"{check_key(key)}/state.json", facts) as note:
            yield note

    def state(self, key: str) -> State:
        if self.manifest(key) is not None:
            return State(state="done")
        return heartbeat.read_state(self._bucket, f"{key}/state.json")

    def _cached(self, key: str, manifest: Manifest) -> Path:
        return self._cache / key / "attempts" / manifest.attempt

    def _check_format(self) -> None:
        stored = self._bucket.read(_FORMAT)
        if stored is not None and (version := json.loads(stored.content).get("format")) != STORE_FORMAT:
            raise StoreError(newer_format(f"{self.uri}/{_FORMAT}", version))

    def _publish(self, key: str, attempt: Attempt) -> None:
        """Upload the attempt's files and put its manifest in place, unless another attempt stands."""
        standing = self._bucket.read(_manifest(key))
        if standing is not None and parse_manifest(standing.content, key).pruned is None:
            return
        self._bucket.write_if(_FORMAT, json.dumps({"format": STORE_FORMAT}).encode(), etag=None)
        self._sweep(key)
        place = f"{key}/attempts/{attempt.path.name}"
        files = upload_folder(self._bucket, attempt.path, place)
        manifest = Manifest(key=key, attempt=attempt.path.name, files=files, metadata=attempt.metadata, created=now())
        content = manifest.to_json().encode()
        self._bucket.write_if(_manifest(key), content, etag=None if standing is None else standing.etag)
        stands = self.manifest(key)
        if stands is None or stands.attempt != manifest.attempt:
            self._bucket.delete(self._bucket.files(place))

    def _sweep(self, key: str) -> None:
        """Remove what writers of this key left that died in the middle of an upload, a day ago or more."""
        for name in self._bucket.children(f"{key}/attempts")[0]:
            place = f"{key}/attempts/{name}"
            if self._bucket.youngest(place) > _DEAD:
                self._bucket.delete(self._bucket.files(place))

    def _sweep_staging(self) -> None:
        """Remove the folders of dead writers of this host."""
        for owner in (self._cache / "staging").glob("*.owner"):
            if (held := file_locks.abandoned(owner)) is not None:
                with held:
                    shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
                    owner.unlink(missing_ok=True)


def _manifest(key: str) -> str:
    return f"{key}/manifest.json"


def _cache_folder() -> Path:
    """$CLT_CACHE, or clt in the user's cache folder. What is in it can be deleted whenever nothing runs."""
    if folder := os.environ.get("CLT_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clt"
