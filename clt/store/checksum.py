"""SHA-256 of files, hashed once by a process unless they change."""

import hashlib
from pathlib import Path

# (path, modification time in ns, size) -> SHA-256
_known: dict[tuple[str, int, int], str] = {}


def checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. OSError if it cannot be read."""
    facts = path.stat()
    version = (str(path), facts.st_mtime_ns, facts.st_size)
    if version not in _known:
        with path.open("rb") as file:
            _known[version] = hashlib.file_digest(file, "sha256").hexdigest()
    return _known[version]
