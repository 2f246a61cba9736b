"""Folders to a bucket and back: many files at once, large ones in parts, every byte under a checksum.

Up, the server checks the bytes of every request against its signature or MD5, and the manifest gets the SHA-256 of what
was read. Down, each file is checked against the manifest; a file that is there and right is not fetched again, and the
parts of a large one are noted until it is whole, so that a download that was killed goes on where it was.
"""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import urllib3

from clt.errors import StoreError
from clt.store.bucket import CONNECTIONS, Bucket
from clt.store.checksum import checksum
from clt.store.manifest import FileFacts

SMALL = 2 * 2**20  # bytes; up to here a file is one request, and as many are in memory as there are connections
PART = 16 * 2**20  # bytes of a part of a large file; minio takes larger ones where 10,000 would not do
PARALLEL_PARTS = 4  # each in memory
CHUNK = 2**20
TRIES = 5  # of a stream that breaks off; a server that does not answer at all is waited for in `Bucket`


def upload_folder(bucket: Bucket, folder: Path, prefix: str) -> dict[str, FileFacts]:
    """Put every file below a folder under PREFIX/; returns size and SHA-256 of each, by relative path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise ValueError(f"{path}: an artifact holds files and folders only, no links")
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}
    small = [name for name, size in sizes.items() if size <= SMALL]
    facts: dict[str, FileFacts] = {}
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        done = pool.map(lambda name: _put(bucket, folder / name, f"{prefix}/{name}"), small)
        facts.update(zip(small, done, strict=True))
        for name in sizes.keys() - facts.keys():
            facts[name] = _put_parts(bucket, folder / name, f"{prefix}/{name}", pool)
    return {name: facts[name] for name in sizes}


def download_folder(bucket: Bucket, prefix: str, files: Mapping[str, FileFacts], folder: Path) -> None:
    """Make a folder hold these files with their checksums. StoreError names a file that is damaged or missing."""
    wanted = {name: facts for name, facts in files.items() if not is_right(folder / name, facts)}
    for name in wanted:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    small = [name for name, facts in wanted.items() if facts.size <= SMALL]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(lambda name: _get(bucket, f"{prefix}/{name}", folder / name, wanted[name]), small):
            pass  # asks for each result, so that an error is raised
    with ThreadPoolExecutor(PARALLEL_PARTS) as pool:
        for name in sorted(wanted.keys() - set(small)):
            _get_parts(bucket, f"{prefix}/{name}", folder / name, wanted[name], pool)


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


def _get(bucket: Bucket, name: str, path: Path, facts: FileFacts) -> None:
    content = b"".join(_range(bucket, name, 0, facts.size))
    _check(bucket, name, hashlib.sha256(content).hexdigest(), facts)
    beside = _beside(path, "part")
    beside.write_bytes(content)
    beside.replace(path)


def _get_parts(bucket: Bucket, name: str, path: Path, facts: FileFacts, pool: ThreadPoolExecutor) -> None:
    beside, note = _beside(path, "part"), _beside(path, "done")
    done = {int(line) for line in note.read_text().split()} if note.exists() and beside.exists() else set()
    digest = hashlib.sha256()
    with beside.open("r+b" if done else "w+b") as file, note.open("a" if done else "w") as finished:
        file.truncate(facts.size)

        def fetch(start: int) -> int:
            if start not in done:
                at = start
                for chunk in _range(bucket, name, start, min(PART, facts.size - start)):
                    at += os.pwrite(file.fileno(), chunk, at)
                finished.write(f"{start}\n")
                finished.flush()
            return start

        for start in pool.map(fetch, range(0, facts.size, PART)):  # in order: hashed while later parts arrive
            digest.update(os.pread(file.fileno(), PART, start))
    note.unlink()
    try:
        _check(bucket, name, digest.hexdigest(), facts)
    except StoreError:
        beside.unlink()
        raise
    beside.replace(path)


def _check(bucket: Bucket, name: str, sha256: str, facts: FileFacts) -> None:
    if sha256 != facts.sha256:
        raise StoreError(
            f"{bucket.uri}/{name}: the object is damaged: got SHA-256 {sha256}, expected {facts.size} bytes with "
            f"{facts.sha256}; delete {name.partition('/attempts/')[0]} there and run again: it is made anew"
        )


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{suffix}")


def _range(bucket: Bucket, name: str, start: int, length: int) -> Iterator[bytes]:
    """The bytes of a range of an object; a stream that breaks off is taken up where it broke."""
    end = start + length
    with bucket.errors(name):
        for attempt in range(1, TRIES + 1):
            try:
                for chunk in _stream(bucket, name, start, end - start):
                    start += len(chunk)
                    yield chunk
            except urllib3.exceptions.HTTPError:
                if attempt == TRIES:
                    raise
                time.sleep(attempt)
            if start >= end:
                return


def _stream(bucket: Bucket, name: str, start: int, length: int) -> Iterator[bytes]:
    if not length:
        return
    response = bucket.client.get_object(bucket.name, bucket.path(name), offset=start, length=length)
    try:
        yield from response.stream(CHUNK)
    finally:
        response.close()
        response.release_conn()
