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
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clt.errors import StoreError
from clt.store import file_locks, heartbeat
from clt.store.atomic_write import disk_errors
from clt.store.bucket import Bucket
from clt.store.bucket_garbage import find_cached, find_garbage
from clt.store.cache_folder import cache_folder
from clt.store.json_file import parse_json
from clt.store.manifest import STORE_FORMAT, Manifest, newer_format
from clt.store.publication import entomb, publish, read_stored, unpublish
from clt.store.store import Attempt, Garbage, Note, State, Unreachable, check_key, is_inner
from clt.store.transfer import check_object, download_folder

_FORMAT = "format.json"
_MANY = 20  # keys of one folder from which on it is listed, so that what is not there costs no request


class ObjectStore:
    """See `clt.store.Store` for what the methods promise. `cache` holds fetched and unfinished files."""

    def __init__(self, uri: str, cache: Path | None = None) -> None:
        name, _, prefix = uri.removeprefix("s3://").strip("/").partition("/")
        if not name:
            raise StoreError(f"store {uri!r}: expected s3://BUCKET or s3://BUCKET/PREFIX")
        self._bucket = Bucket(name, prefix)
        mark = hashlib.sha256(self.uri.encode()).hexdigest()[:16]
        self._cache = (cache or cache_folder()) / mark
        self._marked = False  # whether format.json is known to be there
        self._check_format()

    @property
    def uri(self) -> str:
        return self._bucket.uri

    @property
    def folder(self) -> Path:
        return self._cache

    def manifest(self, key: str) -> Manifest | None:
        return read_stored(self._bucket, check_key(key))[0]

    def manifests(self, keys: Iterable[str]) -> dict[str, Manifest]:
        def look(key: str) -> Manifest | None:
            try:
                return self.manifest(key)
            except Unreachable:
                raise
            except StoreError:
                return None

        asked = self._there(keys)
        found = zip(asked, self._bucket.side_by_side(look, asked), strict=True)
        return {key: manifest for key, manifest in found if manifest is not None}

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
                    self._mark()
                    publish(self._bucket, key, attempt.path, attempt.metadata)
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
            os.utime(folder)  # when it was last used
        return folder

    def keys(self, prefix: str) -> list[str]:
        listed = self._bucket.listing(check_key(prefix) if prefix else "")
        found = (name.removesuffix("/manifest.json") for name in listed if name.endswith("/manifest.json"))
        return sorted(key for key in found if not is_inner(key))

    def prune(self, key: str, reason: str, *, only: Manifest | None = None) -> None:
        if (pruned := entomb(self._bucket, check_key(key), reason, only)) is not None:
            # The tombstone first: stopped between the two, the files are left over but never half there.
            self._bucket.delete(self._bucket.listing(f"{key}/attempts/{pruned.attempt}"))
            shutil.rmtree(self._cached(key, pruned), ignore_errors=True)

    def remove(self, key: str, *, only: Manifest | None) -> bool:
        if not unpublish(self._bucket, check_key(key), only):
            return False
        if only is not None:
            self._bucket.delete(self._bucket.listing(f"{key}/attempts/{only.attempt}"))
            shutil.rmtree(self._cached(key, only), ignore_errors=True)
        return True

    def check(self, manifest: Manifest, *, read: bool) -> list[str]:
        place = f"{manifest.key}/attempts/{manifest.attempt}"
        listed, faults = self._bucket.listing(place), []
        for name, facts in manifest.files.items():
            there = listed.get(f"{place}/{name}")
            if there is None or there.size != facts.size:
                got = "missing" if there is None else f"damaged: got {there.size} bytes, expected {facts.size}"
                faults.append(f"{self.uri}/{place}/{name}: the object is {got}")
                continue
            try:
                if read:
                    check_object(self._bucket, f"{place}/{name}", facts)
            except Unreachable:
                raise
            except StoreError as error:
                faults.append(str(error))
        return faults

    def garbage(self) -> list[Garbage]:
        return find_garbage(self._bucket) + find_cached(self._bucket, self._cache)

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

    def states(self, keys: Iterable[str]) -> dict[str, State]:
        def look(key: str) -> State:
            try:
                return self.state(key)
            except Unreachable:
                raise
            except StoreError as error:
                return State(state="failed", error=str(error))

        asked = list(keys)
        there = self._there(asked)
        found = dict(zip(there, self._bucket.side_by_side(look, there), strict=True))
        return {key: found.get(key, State(state="missing")) for key in asked}

    def _there(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys below which there may be anything, in the same order."""
        asked = [check_key(key) for key in keys]
        counts = Counter(key.rpartition("/")[0] for key in asked)
        listed = {folder: set(self._bucket.children(folder)[0]) for folder, count in counts.items() if count >= _MANY}

        def may_be(key: str) -> bool:
            folder, _, name = key.rpartition("/")
            return folder not in listed or name in listed[folder]

        return [key for key in asked if may_be(key)]

    def _cached(self, key: str, manifest: Manifest) -> Path:
        return self._cache / key / "attempts" / manifest.attempt

    def _check_format(self) -> None:
        stored = self._bucket.read(_FORMAT)
        if stored is None:
            return
        self._marked, place = True, f"{self.uri}/{_FORMAT}"
        version = parse_json(stored.content, place, "write that of another store of this version into it").get("format")
        if version != STORE_FORMAT:
            raise StoreError(newer_format(place, version))

    def _mark(self) -> None:
        """Say which layout this is, before the first thing is written."""
        if not self._marked:
            self._bucket.write_if(_FORMAT, json.dumps({"format": STORE_FORMAT}).encode(), etag=None)
            self._marked = True

    def _sweep_staging(self) -> None:
        """Remove the folders of dead writers of this host."""
        for owner in (self._cache / "staging").glob("*.owner"):
            if (held := file_locks.abandoned(owner)) is not None:
                with held:
                    shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
                    owner.unlink(missing_ok=True)
