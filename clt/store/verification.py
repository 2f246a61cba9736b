"""Every manifest of a store against its bytes, as `restic check` does it for backups."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from clt.errors import StoreError
from clt.store.manifest import Manifest
from clt.store.store import Store, Unreachable


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What a check of a store found."""

    artifacts: int  # complete ones, tombstones aside
    files: int
    size: int  # bytes of the files
    damaged: Mapping[str, Sequence[str]] = field(default_factory=dict)  # key -> what is wrong with it


def verify(store: Store, *, read: bool = True) -> Verification:
    """Check every complete artifact of a store.

    Args:
        store: Which.
        read: Compare the checksum of every byte; otherwise see only whether files are there in their size.

    Returns:
        What was checked, and every artifact with a fault; tombstones need no files.

    Raises:
        StoreError: The store cannot be reached or listed.
    """
    keys = store.keys("")
    with ThreadPoolExecutor(min(8, 2 * (os.cpu_count() or 1))) as pool:
        checked = list(pool.map(lambda key: _check(store, key, read), keys))
    complete = [manifest for manifest, _ in checked if manifest is not None and manifest.pruned is None]
    return Verification(
        artifacts=len(complete),
        files=sum(len(manifest.files) for manifest in complete),
        size=sum(facts.size for manifest in complete for facts in manifest.files.values()),
        damaged={key: faults for key, (_, faults) in zip(keys, checked, strict=True) if faults},
    )


def _check(store: Store, key: str, read: bool) -> tuple[Manifest | None, Sequence[str]]:
    try:
        manifest = store.manifest(key)
        if manifest is None or manifest.pruned is not None:
            return manifest, []
        return manifest, store.check(manifest, read=read)
    except Unreachable:
        raise
    except StoreError as error:
        return None, [str(error)]
