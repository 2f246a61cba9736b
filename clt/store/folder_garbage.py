"""What can go of a store in a folder: files behind tombstones, and what writers left that are gone for good."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from clt.errors import StoreError
from clt.store import file_locks
from clt.store.manifest import Manifest, read_manifest
from clt.store.store import Garbage

DEAD = 24 * 3600.0  # seconds after which an attempt of another host is taken for abandoned


def find_garbage(root: Path) -> list[Garbage]:
    """Every attempt that is not what stands at its key, and whose writer does not live."""
    found = []
    for attempt in _attempts(root):
        if (kind := _kind(root, attempt)) is not None:
            place, size = attempt.relative_to(root).as_posix(), sum(path.stat().st_size for path in _files(attempt))
            found.append(Garbage(kind=kind, place=place, size=size, remove=partial(_remove, root, attempt)))
    return found


def remove_empty(folder: Path, root: Path) -> None:
    """Remove the folder of a key that is gone, and those above it, as far as nothing is left in them."""
    with suppress(OSError):
        (folder / "state.json").unlink(missing_ok=True)
        (folder / "attempts").rmdir()
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def _attempts(root: Path) -> Iterator[Path]:
    for folder, names, _ in os.walk(root):
        if "attempts" in names:
            yield from (path for path in (Path(folder) / "attempts").iterdir() if path.is_dir())
        names[:] = [name for name in names if name not in ("attempts", "locks", "logs")]


def _kind(root: Path, attempt: Path) -> str | None:
    """Why an attempt can go, None if it cannot."""
    key = attempt.parent.parent.relative_to(root).as_posix()
    try:
        standing = read_manifest(attempt.parent.parent / "manifest.json", key)
    except StoreError:
        return None  # who cannot say what stands deletes nothing; `clt verify` names it
    if _is(standing, attempt):
        return None if standing is not None and standing.pruned is None else "files behind a tombstone"
    return "abandoned attempt" if _is_abandoned(attempt) else None


def _is(standing: Manifest | None, attempt: Path) -> bool:
    return standing is not None and standing.attempt == attempt.name


def _is_abandoned(attempt: Path) -> bool:
    held = file_locks.abandoned(attempt.with_name(f"{attempt.name}.owner"))
    if held is not None:
        held.close()
        return True
    times = [path.stat().st_mtime for path in (attempt, *_files(attempt))]
    return time.time() - max(times) > DEAD and not _owner_lives(attempt)


def _owner_lives(attempt: Path) -> bool:
    try:
        with attempt.with_name(f"{attempt.name}.owner").open("r+", encoding="utf-8") as owner:
            return file_locks.is_held(owner)
    except OSError:
        return False


def _remove(root: Path, attempt: Path) -> bool:
    if _kind(root, attempt) is None:
        return False
    shutil.rmtree(attempt)
    attempt.with_name(f"{attempt.name}.owner").unlink(missing_ok=True)
    return True


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
