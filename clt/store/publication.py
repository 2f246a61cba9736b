"""How an artifact comes to stand in a bucket, and how it goes: by conditional writes of its manifest, and no other way.

Every write of a manifest says what it expects to find (nothing, or one ETag), and its answer is trusted: what a read
says right after may be older. What stands is never deleted; an upload is, once another attempt was really read there.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clt.errors import StoreError
from clt.store.bucket import Bucket
from clt.store.manifest import FileFacts, Manifest, now, parse_manifest
from clt.store.transfer import upload_files

DEAD = 24 * 3600.0  # seconds after which an attempt without a manifest is taken for abandoned
TRIES = 5  # of a manifest's write that others come between
PAUSE = 1.0  # seconds before another try


def manifest_name(key: str) -> str:
    return f"{key}/manifest.json"


def read_stored(bucket: Bucket, key: str) -> tuple[Manifest | None, str | None]:
    """What stands at a key, and its ETag; None and None if nothing does."""
    stored = bucket.read(manifest_name(key))
    if stored is None:
        return None, None
    return parse_manifest(stored.content, f"{bucket.uri}/{manifest_name(key)}", key), stored.etag


def publish(bucket: Bucket, key: str, folder: Path, metadata: Mapping[str, Any]) -> None:
    """Upload the files of a folder and put their manifest in place, unless another attempt stands.

    Raises:
        StoreError: Nothing of ours stands, and no other attempt was seen to.
    """
    standing, etag = read_stored(bucket, key)
    if standing is not None and standing.pruned is None:
        return
    sweep(bucket, key)
    place, begun = f"{key}/attempts/{folder.name}", time.time()
    names = sorted(path.relative_to(folder).as_posix() for path in _files(folder))
    files = upload_files(bucket, folder, place, names)
    manifest = Manifest(key=key, attempt=folder.name, files=files, metadata=metadata, created=now())
    for _ in range(TRIES):
        _upload_missing(bucket, folder, place, files)
        if bucket.write_if(manifest_name(key), manifest.to_json().encode(), etag=etag) is not None:
            if time.time() - begun > DEAD / 2:  # this machine slept: who took us for dead may just have swept
                _upload_missing(bucket, folder, place, files)
            return
        standing, etag = read_stored(bucket, key)
        if standing is not None and standing.attempt == manifest.attempt:
            return
        if standing is not None and standing.pruned is None:
            bucket.delete(bucket.listing(place))
            return
        time.sleep(PAUSE)
    raise StoreError(
        f"{key}: cannot be published in {bucket.uri}: {TRIES} writes of its manifest were refused although nothing "
        "stands there; run again, and look whether a cache stands before the object store"
    )


def entomb(bucket: Bucket, key: str, reason: str, only: Manifest | None) -> Manifest | None:
    """Put a tombstone in place of the manifest that stands; returns what it was, whose files may go.

    None if something else stands than was decided on: it was made anew, and is left alone; or `clt gc` was faster.
    """
    standing, etag = read_stored(bucket, key)
    if only is not None and (standing is None or standing.attempt != only.attempt):
        return None
    if standing is None:
        raise StoreError(f"{key}: not in the store {bucket.uri}, or not complete; only complete keys are pruned")
    if standing.pruned is None:
        content = standing.tombstone(reason).to_json().encode()
        if bucket.write_if(manifest_name(key), content, etag=etag) is None:
            return None
    return standing


def unpublish(bucket: Bucket, key: str, only: Manifest | None) -> bool:
    """Delete the manifest that stands, if it is this one (None: whatever stands, if it is damaged, too)."""
    if only is not None and not only.is_as(read_stored(bucket, key)[0]):
        return False
    bucket.delete([manifest_name(key)])
    return True


def sweep(bucket: Bucket, key: str) -> None:
    """Remove what writers of this key left that died in the middle of an upload, a day ago or more."""
    for name in bucket.children(f"{key}/attempts")[0]:
        listed = bucket.listing(f"{key}/attempts/{name}")
        if listed and min(each.age for each in listed.values()) > DEAD:
            delete_unless_standing(bucket, key, name, listed)


def delete_unless_standing(bucket: Bucket, key: str, attempt: str, names: Mapping[str, object]) -> bool:
    """Delete an attempt's files, unless its manifest, read only now, stands; whether they were deleted."""
    standing, _ = read_stored(bucket, key)
    if standing is not None and standing.attempt == attempt and standing.pruned is None:
        return False
    bucket.delete(names)
    return True


def _upload_missing(bucket: Bucket, folder: Path, place: str, files: Mapping[str, FileFacts]) -> None:
    listed = bucket.listing(place)
    missing = [
        name
        for name, facts in files.items()
        if (there := listed.get(f"{place}/{name}")) is None or there.size != facts.size
    ]
    upload_files(bucket, folder, place, missing)


def _files(folder: Path) -> list[Path]:
    paths = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise ValueError(f"{path}: an artifact holds files and folders only, no links")
    return paths
