"""A store in a local folder (or a mounted one).

STORE/format.json                  the version of this layout
STORE/locks/NAME.lock              held by a living process; .manifests while a manifest is looked at and written
STORE/KEY/attempts/ID/...          the files of one writer; ID.owner beside it is held while the writer lives
STORE/KEY/manifest.json            names the attempt that stands; published last
STORE/KEY/state.json               who works on the key, or why it failed
Below a KEY there may be other keys (checkpoints of a training).
"""

import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from clt.errors import StoreError
from clt.store import file_locks
from clt.store.atomic_write import disk_errors, publish_file, replace_file, sync
from clt.store.checksum import checksum
from clt.store.file_faults import file_faults
from clt.store.folder_garbage import find_garbage, remove_empty
from clt.store.manifest import STORE_FORMAT, FileFacts, Manifest, newer_format, now, read_manifest
from clt.store.store import Attempt, Garbage, Note, State, check_key, is_inner

_FORMAT_TEXT = json.dumps({"format": STORE_FORMAT})


class LocalStore:
    """See `clt.store.Store` for what the methods promise."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.abspath(root.expanduser()))  # noqa: PTH100  resolve() would follow links
        self._check_root()

    @property
    def uri(self) -> str:
        return str(self._root)

    @property
    def folder(self) -> Path:
        return self._root

    def manifest(self, key: str) -> Manifest | None:
        return read_manifest(self._folder(key) / "manifest.json", key)

    def manifests(self, keys: Iterable[str]) -> dict[str, Manifest]:
        found = {}
        for key in keys:
            with suppress(StoreError):
                if (manifest := self.manifest(key)) is not None:
                    found[key] = manifest
        return found

    @contextmanager
    def writer(self, key: str) -> Iterator[Attempt]:
        folder = self._folder(key)
        name = uuid.uuid4().hex
        path = folder / "attempts" / name
        with disk_errors(self._root):
            self._create()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._sweep(folder, key)
            owner = file_locks.hold_new(_owner(path), file_locks.identity())
            try:
                with disk_errors(self._root):  # looks at the free space, so before the clean-up
                    path.mkdir()
                    attempt = Attempt(path=path)
                    yield attempt
                    self._publish(key, attempt)
            finally:
                # Asked of the disk, not remembered: a signal may have come just after the manifest was put in place.
                if not _stands(folder, key, path.name):
                    shutil.rmtree(path, ignore_errors=True)
                _owner(path).unlink(missing_ok=True)
                owner.close()

    def fetch(self, key: str) -> Path:
        manifest = self.manifest(key)
        step = f"delete {self._output(key)} and run again: it is made anew"
        if manifest is None:
            raise StoreError(f"{key}: not in the store {self._root}, or not complete; run the step that writes it")
        if manifest.pruned is not None:
            raise StoreError(f"{key}: its files were removed from the store {self._root} ({manifest.pruned}); {step}")
        for fault in file_faults(self._folder(key), manifest):
            raise StoreError(f"{fault}; {step}")
        return self._folder(key) / "attempts" / manifest.attempt

    def keys(self, prefix: str) -> list[str]:
        start = self._folder(prefix) if prefix else self._root
        keys = []
        with disk_errors(self._root):
            for folder, names, files in os.walk(start, onerror=_unless_missing):
                names[:] = [name for name in names if not is_inner(name)]
                if "manifest.json" in files:
                    keys.append(Path(folder).relative_to(self._root).as_posix())
        return sorted(keys)

    def prune(self, key: str, reason: str, *, only: Manifest | None = None) -> None:
        path = self._folder(key) / "manifest.json"
        with disk_errors(self._root):
            with self._manifests_held():
                manifest = self.manifest(key)
                if only is not None and (manifest is None or manifest.attempt != only.attempt):
                    return
                if manifest is None:
                    raise StoreError(
                        f"{key}: not in the store {self._root}, or not complete; only complete keys are pruned"
                    )
                if manifest.pruned is None:
                    # The tombstone first: stopped between the two, the files are left over but never half there.
                    replace_file(path, manifest.tombstone(reason).to_json())
            shutil.rmtree(path.parent / "attempts" / manifest.attempt, ignore_errors=True)

    def remove(self, key: str, *, only: Manifest | None) -> bool:
        folder = self._folder(key)
        with disk_errors(self._root):
            with self._manifests_held():
                if only is not None and not only.is_as(self.manifest(key)):
                    return False
                (folder / "manifest.json").unlink(missing_ok=True)
            if only is not None:
                shutil.rmtree(folder / "attempts" / only.attempt, ignore_errors=True)
            remove_empty(folder, self._root)
        return True

    def check(self, manifest: Manifest, *, read: bool) -> list[str]:
        return list(file_faults(self._folder(manifest.key), manifest, read=read))

    def garbage(self) -> list[Garbage]:
        with disk_errors(self._root):
            return find_garbage(self._root)

    @contextmanager
    def lock(self, name: str, *, wait: bool = False) -> Iterator[None]:
        check_key(name)
        with disk_errors(self._root):
            self._create()
            with file_locks.lock(self._root / "locks" / f"{name}.lock", name, wait):
                yield

    @contextmanager
    def track(self, key: str, **facts: Any) -> Iterator[Note]:
        path = self._folder(key) / "state.json"
        with disk_errors(self._root):
            self._create()
            with file_locks.track(path, facts) as note:
                yield note

    def state(self, key: str) -> State:
        if self.manifest(key) is not None:
            return State(state="done")
        path = self._folder(key) / "state.json"
        with disk_errors(path):
            return file_locks.read_state(path)

    def states(self, keys: Iterable[str]) -> dict[str, State]:
        return {key: self._state_or_error(key) for key in keys}

    def _state_or_error(self, key: str) -> State:
        try:
            return self.state(key)
        except StoreError as error:
            return State(state="failed", error=str(error))

    def _manifests_held(self) -> AbstractContextManager[None]:
        """While a manifest is looked at and replaced: nobody else replaces one in between."""
        return file_locks.guard(self._root / "locks" / ".manifests")

    def _folder(self, key: str) -> Path:
        return self._root / check_key(key)

    def _output(self, key: str) -> Path:
        """The folder of the whole step output that a key belongs to: a checkpoint is only made with its training."""
        return self._root.joinpath(*key.split("/")[:2])

    def _check_root(self) -> None:
        """StoreError unless this is a store that we can read, or a place where one can be made."""
        path = self._root / "format.json"
        try:
            version = json.loads(path.read_bytes())["format"]
        except FileNotFoundError:
            if self._root.exists() and any(_foreign(entry) for entry in self._root.iterdir()):
                raise StoreError(
                    f"{self._root}: not a store (no format.json) and not empty; use a new or empty folder as --store"
                ) from None
        except NotADirectoryError:
            raise StoreError(f"{self._root}: is a file, expected a folder for the store") from None
        except OSError as error:
            raise StoreError(f"{path}: cannot be read ({error.strerror}); get the right to read it") from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{path}: damaged ({error}), expected {_FORMAT_TEXT}; write that into it if this is a store"
            ) from error
        else:
            if version != STORE_FORMAT:
                raise StoreError(newer_format(path, version))

    def _create(self) -> None:
        if not (self._root / "format.json").exists():
            self._root.mkdir(parents=True, exist_ok=True)
            publish_file(self._root / "format.json", _FORMAT_TEXT)

    def _publish(self, key: str, attempt: Attempt) -> None:
        """Flush the attempt's files and put its manifest in place, unless another attempt stands."""
        files = {}
        for path in sorted(attempt.path.rglob("*")):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise ValueError(f"{path}: an artifact holds files and folders only, no links")
            sync(path)
            if path.is_file():
                name = path.relative_to(attempt.path).as_posix()
                files[name] = FileFacts(size=path.stat().st_size, sha256=checksum(path))
        folder = self._folder(key)
        for path in (attempt.path, attempt.path.parent, *(folder / "_").parents):
            sync(path)
            if path == self._root:
                break
        manifest = Manifest(key=key, attempt=attempt.path.name, files=files, metadata=attempt.metadata, created=now())
        path = folder / "manifest.json"
        with self._manifests_held():
            standing = read_manifest(path, key)
            if standing is not None and standing.pruned is not None:
                replace_file(path, manifest.to_json())
            else:
                publish_file(path, manifest.to_json())

    def _sweep(self, folder: Path, key: str) -> None:
        """Remove the attempts of dead writers of this key."""
        for owner in (folder / "attempts").glob("*.owner"):
            held = file_locks.abandoned(owner)
            if held is None:
                continue
            with held:
                # Read only now, while nobody else can hold it: its writer may have died just after publishing.
                if not _stands(folder, key, owner.stem):
                    shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
                owner.unlink(missing_ok=True)


def _stands(folder: Path, key: str, attempt: str) -> bool:
    """Whether the files of this attempt are the artifact in this folder."""
    manifest = read_manifest(folder / "manifest.json", key)
    return manifest is not None and manifest.attempt == attempt and manifest.pruned is None


def _owner(attempt: Path) -> Path:
    return attempt.with_name(f"{attempt.name}.owner")


def _unless_missing(error: OSError) -> None:
    """A folder that cannot be read must not make the result shorter; one that is not there holds nothing."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _foreign(entry: Path) -> bool:
    return not entry.name.startswith(".") and entry.name != "lost+found"
