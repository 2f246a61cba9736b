"""The interface of a store: what every kind of it promises."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from clt.errors import StoreError
from clt.store.manifest import Manifest

# Adds to the facts that others see of a running step, such as note(step=120, loss=1.3); cheap enough for every step.
Note = Callable[..., None]

_RESERVED = {"attempts", "locks", "logs"}
_SEGMENT = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


class Unreachable(StoreError):
    """The store did not answer for as long as we wait for one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One writer's own folder; nothing in it is visible to others until the writer leaves its block cleanly."""

    path: Path  # an empty folder to write files in, folders within it included
    metadata: dict[str, Any] = field(default_factory=dict)  # JSON-able; goes into the manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class Garbage:
    """Something in a store that can go."""

    kind: str  # what it is, in a few words
    place: str  # a key, or where below it
    size: int  # bytes
    remove: Callable[[], bool]  # looks once more whether it can go; whether it went


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What became of a key: of an `interrupted` one the process is gone without a result or an error."""

    state: Literal["done", "running", "failed", "interrupted", "missing"]
    error: str = ""  # of a failed one: the user error's text, or a traceback
    final: bool = False  # of a failed one: the user has to mend something, so trying again changes nothing
    started: str = ""  # ISO 8601, UTC
    facts: Mapping[str, Any] = field(default_factory=dict)  # what `track` was given, and host and pid

    @property
    def reason(self) -> str:
        """The error in short: of a bug the last line of its traceback, which names it; a user error is whole."""
        return self.error.strip().splitlines()[-1] if self.error.startswith("Traceback") else self.error


class Store(Protocol):
    """Artifacts under keys such as `trainings/HASH/checkpoints/00000050`; the first two parts name a step's output."""

    @property
    def uri(self) -> str:
        """What `open_store` takes to open the same store from anywhere on this machine."""
        ...

    @property
    def folder(self) -> Path:
        """This machine's folder for what belongs beside the store: logs and reports."""
        ...

    def manifest(self, key: str) -> Manifest | None:
        """The manifest of a complete key (of a pruned one too: see `.pruned`), None if the key is not complete."""
        ...

    def manifests(self, keys: Iterable[str]) -> dict[str, Manifest]:
        """The manifests of those keys that are complete, in the same order, by as few requests as it takes.

        A damaged one is left out; `states` says what is wrong with it.
        """
        ...

    def writer(self, key: str) -> AbstractContextManager[Attempt]:
        """A fresh attempt at a key: a clean exit publishes it, an exception publishes nothing and removes it.

        If another writer was first, the other's artifact stands, silently. A tombstone is replaced.
        StoreError if in the end nothing stands.
        """
        ...

    def fetch(self, key: str) -> Path:
        """The folder with the key's files, checksums verified. StoreError if missing, damaged or pruned."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """The complete keys at and below a prefix ("" is everything), tombstones included, sorted."""
        ...

    def prune(self, key: str, reason: str, *, only: Manifest | None = None) -> None:
        """Delete a complete key's files and leave a tombstone with the reason; again is harmless.

        What was made anew since `only` was read, or while this works, is left alone; what went since then is gone.
        """
        ...

    def remove(self, key: str, *, only: Manifest | None) -> bool:
        """Delete a key whole, its manifest first, if it still is `only`; whether it went.

        With None whatever stands is no longer complete, a damaged manifest too; its files are left to `garbage`.
        """
        ...

    def check(self, manifest: Manifest, *, read: bool) -> list[str]:
        """What is wrong with an artifact's files: missing, of another size or, if read, of another checksum."""
        ...

    def garbage(self) -> list[Garbage]:
        """What no reader can see any more and no living writer needs; for `clt gc`."""
        ...

    def lock(self, name: str, *, wait: bool = False) -> AbstractContextManager[None]:
        """Hold a name as the only one: a second holder waits, or StoreError says who has it."""
        ...

    def track(self, key: str, **facts: Any) -> AbstractContextManager[Note]:
        """Show others that this process works on a key, how far it is, and if it fails, with which error."""
        ...

    def state(self, key: str) -> State:
        """Whether a key is done, worked on by a living process, failed, interrupted or missing.

        StoreError if what says so is damaged.
        """
        ...

    def states(self, keys: Iterable[str]) -> dict[str, State]:
        """The states of many keys, by as few requests as it takes; what is damaged is `failed`, with what to do."""
        ...


def is_inner(name: str) -> bool:
    """Whether a path in a store leads through what is not a key: attempts, locks and logs."""
    return not _RESERVED.isdisjoint(name.split("/"))


def check_key(key: str) -> str:
    """The key itself if it is safe as a path on every file system; ValueError otherwise: keys are never user input."""
    for segment in key.split("/"):
        if not _SEGMENT.fullmatch(segment) or ".." in segment or segment in _RESERVED or segment.endswith(".json"):
            raise ValueError(f"store key {key!r}: part {segment!r} is not lower-case letters, digits, '.', '_', '-'")
    return key
