"""Objects of a bucket as files of this machine: base models and rows at s3://BUCKET/PREFIX, beside the stores.

What is read is known by names, sizes and ETags, so an object that is replaced is fetched anew, and one that was not is
fetched once by a machine. A download that was killed goes on where it was. There is no manifest here: what the bytes
are is said by whoever hashes them.
"""

import os
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from clt.errors import StoreError
from clt.hashing import digest
from clt.store.atomic_write import disk_errors
from clt.store.cache_folder import cache_folder
from clt.store.file_locks import guard

if TYPE_CHECKING:
    from clt.store.bucket import Bucket, Found


def list_objects(uri: str) -> "dict[str, Found]":
    """The objects directly below s3://BUCKET/PREFIX, by name.

    Raises:
        StoreError: There is no such bucket, nothing below the prefix, or no right to look.
    """
    found = _open(uri).found()
    if not found:
        raise StoreError(f"{uri}: there is nothing directly below it; mend the path, or put the files there")
    return found


def fetch_objects(uri: str, wanted: "Mapping[str, Found]") -> Path:
    """A folder in this machine's cache with these objects; of several processes one fetches and the others wait.

    Args:
        uri: s3://BUCKET/PREFIX.
        wanted: Of what `list_objects` found there.

    Raises:
        StoreError: An object changed while it was read, or cannot be read; the disk is full.
    """
    from clt.store.transfer import fetch_plain

    bucket = _open(uri)
    facts = {name: astuple(found) for name, found in wanted.items()}
    folder = cache_folder() / "objects" / digest({"at": bucket.client.address, "uri": bucket.uri, "files": facts})
    with disk_errors(folder.parent), guard(folder.with_suffix(".lock")):
        if folder.is_dir():
            os.utime(folder)  # when it was last used
            return folder
        beside = folder.with_suffix(".part")
        beside.mkdir(exist_ok=True)
        for name, found in wanted.items():
            if not (beside / name).is_file():
                fetch_plain(bucket, name, beside / name, found.size)
        now = bucket.found()
        for name, found in wanted.items():
            if now.get(name) != found:
                (beside / name).unlink()
                raise StoreError(f"{bucket.uri}/{name}: was replaced while it was read; let it stand, then run again")
        beside.replace(folder)
    return folder


def _open(uri: str) -> "Bucket":
    from clt.store.bucket import Bucket  # minio is heavy, and most paths are folders

    name, _, prefix = uri.removeprefix("s3://").partition("/")
    return Bucket(name, prefix.strip("/"))
