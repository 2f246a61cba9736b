"""What can go of a store in a bucket, and of its cache on this machine."""

import shutil
import time
from collections import defaultdict
from functools import partial
from pathlib import Path

from clt.errors import StoreError
from clt.store.bucket import Bucket, Listed, Upload
from clt.store.manifest import Manifest
from clt.store.publication import DEAD, delete_unless_standing, read_stored
from clt.store.store import Garbage, Unreachable, check_key

UNUSED = 7 * 24 * 3600.0  # seconds since its last use after which a cached artifact is let go


def find_garbage(bucket: Bucket) -> list[Garbage]:
    """Files behind tombstones, abandoned attempts and unfinished uploads."""
    attempts = _attempts(bucket)
    keys = sorted({key for key, _ in attempts})
    standing = dict(zip(keys, bucket.side_by_side(partial(_standing, bucket), keys), strict=True))
    found = []
    for (key, attempt), listed in attempts.items():
        if (kind := _kind(standing[key], attempt, listed)) is not None:
            remove = partial(delete_unless_standing, bucket, key, attempt, listed)
            size = sum(each.size for each in listed.values())
            found.append(Garbage(kind=kind, place=f"{key}/attempts/{attempt}", size=size, remove=remove))
    old = (upload for upload in bucket.uploads() if upload.age > DEAD)
    return found + [
        Garbage(kind="unfinished upload", place=u.name, size=0, remove=partial(_abort, bucket, u)) for u in old
    ]


def find_cached(bucket: Bucket, cache: Path) -> list[Garbage]:
    """Copies on this machine that nobody has used for a week."""
    found = []
    for folder in cache.glob("**/attempts/*"):
        key = folder.parent.parent.relative_to(cache).as_posix()
        if folder.is_dir() and time.time() - folder.stat().st_mtime > UNUSED:
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            found.append(
                Garbage(kind="cached copy", place=f"{cache}/{key}", size=size, remove=partial(_uncache, folder))
            )
    return found


def _attempts(bucket: Bucket) -> dict[tuple[str, str], dict[str, Listed]]:
    """All objects of attempts, by key and attempt."""
    found: dict[tuple[str, str], dict[str, Listed]] = defaultdict(dict)
    for name, listed in bucket.listing("").items():
        key, _, rest = name.partition("/attempts/")
        if rest and _is_key(key):
            found[key, rest.partition("/")[0]][name] = listed
    return found


def _is_key(text: str) -> bool:
    try:
        return check_key(text) == text
    except ValueError:
        return False


def _standing(bucket: Bucket, key: str) -> Manifest | StoreError | None:
    try:
        return read_stored(bucket, key)[0]
    except Unreachable:
        raise
    except StoreError as error:
        return error


def _kind(standing: Manifest | StoreError | None, attempt: str, listed: dict[str, Listed]) -> str | None:
    """Why an attempt can go, None if it cannot."""
    if isinstance(standing, StoreError):
        return None  # who cannot say what stands deletes nothing; `clt verify` names it
    if standing is not None and standing.attempt == attempt:
        return None if standing.pruned is None else "files behind a tombstone"
    return "abandoned attempt" if min(each.age for each in listed.values()) > DEAD else None


def _abort(bucket: Bucket, upload: Upload) -> bool:
    bucket.abort(upload)
    return True


def _uncache(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name(f"{folder.name}.lock").unlink(missing_ok=True)
    return True
