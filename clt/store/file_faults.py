"""An artifact's files in a folder against its manifest."""

from collections.abc import Iterator
from pathlib import Path

from clt.store.checksum import checksum
from clt.store.manifest import Manifest


def file_faults(folder: Path, manifest: Manifest, *, read: bool = True) -> Iterator[str]:
    """What is wrong with the files of the artifact in a folder."""
    for name, facts in manifest.files.items():
        path = folder / "attempts" / manifest.attempt / name
        try:
            size = path.stat().st_size
            sha256 = checksum(path) if read else facts.sha256
        except OSError as error:
            yield f"{path}: the file cannot be read ({error.strerror})"
            continue
        if (size, sha256) != (facts.size, facts.sha256):
            yield (
                f"{path}: the file is damaged: got {size} bytes with SHA-256 {sha256}, "
                f"expected {facts.size} bytes with {facts.sha256}"
            )
