"""Files known by their content: checksums, and conversions that are kept under them.

Nothing here trusts a file's time: `cp -p` and `rsync -t` set an old one on new content.
"""

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from clt.data.file_kind import open_binary
from clt.errors import DataError
from clt.hashing import digest
from clt.store import Garbage, cache_folder

KEPT = ("rows", "datasets", "objects", "hub")  # folders of the cache; hub: models whose download broke off
UNUSED = 7 * 24 * 3600.0  # seconds after which a conversion is let go: it can be made again


def file_checksum(path: Path) -> str:
    """SHA-256 of a file's content, read once a process unless the file changes."""
    facts = path.stat()
    # the time of the last change of the inode: unlike the one of the content, nobody can set it
    return _checksum(path, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


@cache
def _checksum(path: Path, *_: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def converted(checksum: str, how: dict[str, object], suffix: str, convert: Callable[[Path], None]) -> Path:
    """A conversion of content, made once: from then on it is there.

    Args:
        checksum: Of the content.
        how: What else the conversion depends on.
        suffix: Of the file's name.
        convert: Writes the conversion to the path that it is given; it may raise, and nothing stays.
    """
    path = cache_folder() / "rows" / (digest({"content": checksum, **how}) + suffix)
    if path.exists():
        os.utime(path)  # when it was last used
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        convert(beside)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def uncompressed(path: Path, compression: str | None) -> Path:
    """The file itself, or its content as a file of its own: made once."""
    if compression is None:
        return path

    def unpack(target: Path) -> None:
        with open_binary(path, compression) as packed, target.open("wb") as file:
            try:
                shutil.copyfileobj(packed, file, 1 << 20)
            except (OSError, EOFError) as error:
                raise DataError(f"{path}: ends early or is damaged ({type(error).__name__}); copy it again") from None

    return converted(file_checksum(path), {"uncompressed": compression}, "", unpack)


def unused_conversions() -> list[Garbage]:
    """Conversions and copies on this machine that nobody has used for a week, and what a killed process left of one."""
    kept = [path for kind in KEPT for path in (cache_folder() / kind).glob("*") if path.suffix != ".lock"]
    old = [path for path in kept if time.time() - path.stat().st_mtime > UNUSED]
    return [
        Garbage(kind="converted data", place=str(path), size=_size(path), remove=partial(_delete, path)) for path in old
    ]


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path, *path.rglob("*")) if each.is_file())


def _delete(path: Path) -> bool:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return not path.exists()
