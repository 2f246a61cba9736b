"""Folders to a bucket and back: many files at once, large ones in parts, every byte under a checksum.

Up, the server checks the bytes of every request against its signature or MD5, and the manifest gets the SHA-256 of what
was read. Down, each file is checked against the manifest and read once more before it is called damaged; a file that is
there and right is not fetched again, and the parts of a large one are noted until it is whole, so that a download that
was killed goes on where it was.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import urllib3
from urllib3.exceptions import MaxRetryError

from clt.errors import StoreError
from clt.store import connection
from clt.store.bucket import Bucket
from clt.store.checksum import checksum
from clt.store.connection import CONNECTIONS
from clt.store.manifest import FileFacts

SMALL = 2 * 2**20  # bytes; up to here a file is one request, and as many are in memory as there are connections
PART = 16 * 2**20  # bytes of a part of a large file; minio takes larger ones where 10,000 would not do
PARALLEL_PARTS = 4  # each in memory
CHUNK = 2**20
READS = 2  # of a file whose checksum is wrong
AWAIT = 1.0  # seconds before a stream that broke off is taken up again


def upload_files(bucket: Bucket, folder: Path, prefix: str, names: Iterable[str]) -> dict[str, FileFacts]:
    """Put files of a folder under PREFIX/; returns size and SHA-256 of each, by its name, which is relative."""
    sizes = {name: (folder / name).stat().st_size for name in names}
    small = [name for name, size in sizes.items() if size <= SMALL]
    facts: dict[str, FileFacts] = {}
    if not sizes:
        return facts
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        done = pool.map(lambda name: _put(bucket, folder / name, f"{prefix}/{name}"), small)
        facts.update(zip(small, done, strict=True))
        for name in sizes.keys() - facts.keys():
            facts[name] = _put_parts(bucket, folder / name, f"{prefix}/{name}", pool)
    return {name: facts[name] for name in sizes}


def download_folder(bucket: Bucket, prefix: str, files: Mapping[str, FileFacts], folder: Path) -> None:
    """Make a folder hold these files with their checksums. StoreError names a file that is damaged or missing."""
    wanted = {name: facts for name, facts in files.items() if not is_right(folder / name, facts)}
    for inner in {(folder / name).parent for name in wanted}:
        inner.mkdir(parents=True, exist_ok=True)
    small = [name for name, facts in wanted.items() if facts.size <= SMALL]
    bucket.side_by_side(lambda name: _get(bucket, f"{prefix}/{name}", folder / name, wanted[name]), small)
    for name in sorted(wanted.keys() - set(small)):
        _get_large(bucket, f"{prefix}/{name}", folder / name, wanted[name])


def is_right(path: Path, facts: FileFacts) -> bool:
    """Whether a file is there with the size and SHA-256 that it should have."""
    try:
        return path.stat().st_size == facts.size and checksum(path) == facts.sha256
    except FileNotFoundError:
        return False


def _put(bucket: Bucket, path: Path, name: str) -> FileFacts:
    content = path.read_bytes()
    with bucket.errors(name):
        bucket.client._put_object(bucket.name, bucket.path(name), content)  # put_object copies the bytes twice
    return FileFacts(size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _put_parts(bucket: Bucket, path: Path, name: str, pool: ThreadPoolExecutor) -> FileFacts:
    hashed = pool.submit(checksum, path)  # beside the upload
    with bucket.errors(name):
        bucket.client.fput_object(
            bucket.name, bucket.path(name), str(path), part_size=PART, num_parallel_uploads=PARALLEL_PARTS
        )
    return FileFacts(size=path.stat().st_size, sha256=hashed.result())


def check_object(bucket: Bucket, name: str, facts: FileFacts) -> None:
    """Read an object and keep nothing of it. StoreError if it is missing or damaged."""
    if facts.size <= SMALL:
        _read_right(bucket, name, facts)
        return
    seen = []
    for _ in range(READS):
        digest = hashlib.sha256()
        with bucket.errors(name):
            for chunk in _stream(bucket, name, 0, facts.size):
                digest.update(chunk)
        seen.append(digest.hexdigest())
        if seen[-1] == facts.sha256:
            return
    raise _damaged(bucket, name, facts, seen, None)


def _get(bucket: Bucket, name: str, path: Path, facts: FileFacts) -> None:
    beside = _beside(path, "part")
    beside.write_bytes(_read_right(bucket, name, facts))
    beside.replace(path)


def _read_right(bucket: Bucket, name: str, facts: FileFacts) -> bytes:
    """A small object with the right checksum."""
    content, seen = b"", []
    for _ in range(READS):
        stored = bucket.read(name)
        if stored is None:
            raise StoreError(f"{bucket.uri}/{name}: the object is missing; {_anew(name)}")
        content = stored.content
        seen.append(hashlib.sha256(content).hexdigest())
        if seen[-1] == facts.sha256:
            return content
    raise _damaged(bucket, name, facts, seen, hashlib.md5(content, usedforsecurity=False).hexdigest())


def _get_large(bucket: Bucket, name: str, path: Path, facts: FileFacts) -> None:
    beside, seen = _beside(path, "part"), []
    for _ in range(READS):
        seen.append(_get_parts(bucket, name, path, facts.size))
        if seen[-1] == facts.sha256:
            beside.replace(path)
            return
    beside.unlink()
    raise _damaged(bucket, name, facts, seen, None)


def fetch_plain(bucket: Bucket, name: str, path: Path, size: int) -> None:
    """Make a file of an object that no manifest describes."""
    _get_parts(bucket, name, path, size)
    _beside(path, "part").replace(path)


def _get_parts(bucket: Bucket, name: str, path: Path, size: int) -> str:
    """Fetch the parts of a large file that are not noted as fetched, into a file beside it; returns its SHA-256."""
    beside, note = _beside(path, "part"), _beside(path, "done")
    done = {int(line) for line in note.read_text().split()} if note.exists() and beside.exists() else set()
    digest, noting = hashlib.sha256(), threading.Lock()
    with (
        beside.open("r+b" if done else "w+b") as file,
        note.open("a" if done else "w") as finished,
        ThreadPoolExecutor(PARALLEL_PARTS) as pool,
    ):
        file.truncate(size)

        def fetch(start: int) -> int:
            if start not in done:
                get_range(bucket, name, start, min(PART, size - start), file.fileno())
                with noting:
                    finished.write(f"{start}\n")
                    finished.flush()
            return start

        for start in pool.map(fetch, range(0, size, PART)):  # in order: hashed while later parts arrive
            digest.update(os.pread(file.fileno(), PART, start))
    note.unlink()
    return digest.hexdigest()


def get_range(bucket: Bucket, name: str, start: int, length: int, descriptor: int) -> None:
    """Write a range of an object into a file, at the same place; what breaks off is taken up where it broke."""
    came = bucket.lean.get_range(bucket.path(name), start, length, descriptor)
    if came == length:
        return
    at = start + came
    with bucket.errors(name):
        for chunk in _stream(bucket, name, at, length - came):
            at += os.pwrite(descriptor, chunk, at)


def _stream(bucket: Bucket, name: str, start: int, length: int) -> Iterator[bytes]:
    """The bytes of a range by the patient client. MaxRetryError if none came for as long as we wait."""
    end, until = start + length, time.monotonic() + connection.DEADLINE
    while start < end:
        try:
            response = bucket.client.get_object(bucket.name, bucket.path(name), offset=start, length=end - start)
            try:
                for chunk in response.stream(CHUNK):
                    start, until = start + len(chunk), time.monotonic() + connection.DEADLINE
                    yield chunk
            finally:
                response.close()
                response.release_conn()
        except MaxRetryError:
            raise
        except urllib3.exceptions.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(AWAIT)


def _damaged(bucket: Bucket, name: str, facts: FileFacts, seen: list[str], md5: str | None) -> StoreError:
    """What to say of an object that came with wrong bytes each time: they are wrong there, or become so on the way."""
    held = bucket.content_md5(name)
    at_rest = held == md5 if held and md5 else len(set(seen)) == 1
    got = f"got SHA-256 {' and '.join(dict.fromkeys(seen))}, expected {facts.size} bytes with {facts.sha256}"
    if at_rest:
        return StoreError(f"{bucket.uri}/{name}: the object is damaged: {got}, each time; {_anew(name)}")
    return StoreError(
        f"{bucket.uri}/{name}: its bytes change on the way: {got}, and the server holds others; delete nothing: look "
        "after the network, a proxy or the memory between this machine and the object store, then run again"
    )


def _anew(name: str) -> str:
    return f"delete {name.partition('/attempts/')[0]} there and run again: it is made anew"


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{suffix}")
