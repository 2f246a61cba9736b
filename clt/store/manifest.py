"""The manifest of an artifact: published once and last, it is the mark of completion.

Whoever can write to a store can write a manifest, so what it names is checked when it is read: file names that stay
below the attempt's folder, an attempt that is one of ours, and the key under which it was asked for.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clt.errors import StoreError
from clt.hashing import digest

STORE_FORMAT = 1  # raised when older code could misread what newer code writes
_ATTEMPT = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNSAFE = re.compile(r"[\x00-\x1f\\]")  # in the names of files


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFacts:
    size: int  # bytes
    sha256: str  # hexadecimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a complete artifact holds. `pruned` is the reason why the files are gone, None while they are there."""

    key: str
    attempt: str  # the folder below KEY/attempts that holds the files
    files: Mapping[str, FileFacts]  # by path relative to the attempt's folder
    metadata: Mapping[str, Any]
    created: str  # ISO 8601, UTC
    pruned: str | None = None
    format: int = STORE_FORMAT

    def tombstone(self, reason: str) -> "Manifest":
        return replace(self, pruned=reason)

    def is_as(self, other: "Manifest | None") -> bool:
        """Whether another one is of the same attempt, and as far."""
        return other is not None and (other.attempt, other.pruned) == (self.attempt, self.pruned)

    def to_json(self) -> str:
        """JSON with a checksum of its own; ValueError or TypeError if the metadata is not JSON (NaN included)."""
        content = asdict(self)
        return json.dumps(content | {"checksum": digest(content)}, ensure_ascii=False, allow_nan=False, indent=1)


def read_manifest(path: Path, key: str) -> Manifest | None:
    """The manifest of a key at a path, None if there is none; StoreError if it cannot be read or is not one of ours."""
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); give this user the right to read it") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); look after the disk, then run again") from error
    return parse_manifest(text, str(path), key)


def parse_manifest(text: bytes, place: str, key: str) -> Manifest:
    """The manifest of a key that was read from a place; StoreError if it is damaged, unsafe or from a newer version."""
    try:
        content = json.loads(text)
        checksum = content.pop("checksum")
        if content["format"] > STORE_FORMAT:
            raise StoreError(newer_format(place, content["format"]))
        if checksum != digest(content):
            raise ValueError("its checksum does not fit its content")
        files = {name: FileFacts(**facts) for name, facts in content.pop("files").items()}
        manifest = Manifest(files=files, **content)
        _check(manifest, key)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        step = f"delete the folder {place.rpartition('/')[0]} and run again: what was in it is made anew"
        raise StoreError(f"{place}: the manifest is damaged ({error}); {step}") from error
    return manifest


def _check(manifest: Manifest, key: str) -> None:
    """ValueError unless the manifest is of this key and names nothing outside its attempt's folder."""
    if manifest.key != key:
        raise ValueError(f"it is the one of {manifest.key!r}")
    if not _ATTEMPT.fullmatch(manifest.attempt):
        raise ValueError(f"attempt {manifest.attempt!r} is not 32 hexadecimal digits")
    if not isinstance(manifest.metadata, dict) or not isinstance(manifest.pruned, str | None):
        raise ValueError("metadata or pruned is of another kind")
    for name, facts in manifest.files.items():
        if _UNSAFE.search(name) or any(part in ("", ".", "..") for part in name.split("/")):
            raise ValueError(f"file {name!r} is not a plain path below the attempt's folder")
        if type(facts.size) is not int or facts.size < 0 or not _SHA256.fullmatch(facts.sha256):
            raise ValueError(f"file {name!r} has no size and SHA-256")


def newer_format(place: object, version: object) -> str:
    """What to tell a user whose store was written by a newer version."""
    return (
        f"{place}: got store format {version}, expected at most {STORE_FORMAT}; "
        "a newer version of cross-lingual-transfer wrote this store: update it, or use another store"
    )


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
