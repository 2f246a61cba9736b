"""An artifact's files on this machine, hashed by one of its processes and not by each of the eight ranks of a node."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from clt.hashing import digest
from clt.store.atomic_write import disk_errors, replace_file
from clt.store.cache_folder import cache_folder
from clt.store.file_locks import guard
from clt.store.manifest import Manifest
from clt.store.store import Store


def fetch_once(store: Store, manifest: Manifest) -> Path:
    """The folder with an artifact's files, as `store.fetch`, hashed only if no process of this machine has done so.

    The first process fetches and hashes, others wait for it. A mark in the cache says that it is done, for as long as
    every file has the size and the time that it had then.

    Args:
        store: Holds the artifact.
        manifest: Of it; not pruned.

    Raises:
        StoreError: As `store.fetch`.
    """
    mark = cache_folder() / "verified" / digest({"store": store.uri, "key": manifest.key, "attempt": manifest.attempt})
    if (folder := _marked(mark)) is None:
        with disk_errors(mark.parent), guard(mark.with_suffix(".lock")):
            if (folder := _marked(mark)) is None:
                folder = store.fetch(manifest.key)
                replace_file(mark, json.dumps({"folder": str(folder), "files": _facts(folder, manifest.files)}))
    with suppress(OSError):  # a store that only others may write to
        os.utime(folder)  # when it was last used
    return folder


def _marked(mark: Path) -> Path | None:
    """The folder that a mark is of, if every file of it is as it was."""
    try:
        content = json.loads(mark.read_text(encoding="utf-8"))
        folder = Path(content["folder"])
        return folder if _facts(folder, content["files"]) == content["files"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _facts(folder: Path, names: Iterable[str]) -> dict[str, list[int]]:
    """Size in bytes and time of change in ns of files, by name."""
    stats = {name: (folder / name).stat() for name in names}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}
