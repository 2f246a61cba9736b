"""Files that are whole or absent even if the machine stops: written beside, flushed to the disk, moved into place."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clt.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_FAILING = {errno.EIO, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ENOTCONN}
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}
_LITTLE_SPACE = 2**20  # bytes; below it, a failure in the middle of writing is put down to the disk


def sync(path: Path) -> None:
    """Flush a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_beside(path: Path, text: str) -> Path:
    """A flushed file with this text in the same folder, under a name that no other writer uses."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with beside.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def replace_file(path: Path, text: str) -> None:
    """Put a file in place of whatever is there."""
    beside = _write_beside(path, text)
    beside.replace(path)
    sync(path.parent)


def publish_file(path: Path, text: str) -> None:
    """Put a file in place unless there is one already, which then stands."""
    beside = _write_beside(path, text)
    try:
        os.link(beside, path)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Without hard links two writers at the same instant may both pass this check: the later one then stands,
        # whole, because a manifest names only its own attempt's files.
        if path.exists():
            return
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync(path.parent)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what a disk under `path` refuses (full, forbidden, failing) into a StoreError that says what to do."""
    try:
        yield
    except Exception as error:
        if message := _explain(error, path):
            raise StoreError(message) from error
        raise


def _explain(error: Exception, root: Path) -> str | None:
    code, place, reason = None, None, ""
    if isinstance(error, OSError):
        code, place, reason = error.errno, error.filename, error.strerror or str(error)
    # Libraries written in other languages report a full disk as an error of their own, and torch without a reason.
    foreign = type(error).__name__ in ("SafetensorError", "RuntimeError", "ArrowException")
    if code in _FULL or "No space left on device" in str(error) or (foreign and _free_bytes(root) < _LITTLE_SPACE):
        reason = "a limit on the size of files" if code == errno.EFBIG else "no space is left on the disk"
        return f"{root}: cannot be written: {reason}; make room or use another --store, then run again to resume"
    ours = place is not None and Path(str(place)).is_relative_to(root)
    if code == errno.EROFS or (code in _FORBIDDEN and ours):
        return f"{place or root}: cannot be written: {reason}; get the right to write there or use another --store"
    if code in _FAILING or (code is not None and ours):
        return f"{place or root}: cannot be read or written: {reason}; look after the disk, then run again to resume"
    return None


def _free_bytes(path: Path) -> int:
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free
