"""The index of one language of a source: which rows can be used, where they are, and their hashed ids.

Making it is the one pass that parses and checks every row (about 3 s for a million rows of 300 bytes). It is kept in
the store under the source's checksum, so that every cell after the first only looks rows up: 20 bytes a row.
"""

import array
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clt.data.ranking import Hashes, hash_id
from clt.data.sources import Rows
from clt.data.validation import BadRow, RowCheck
from clt.errors import DataError
from clt.hashing import digest
from clt.store import ArtifactFile, IndexMetadata, LeftOut, LeftOutRows, Store

INDEX_FORMAT = 1
DUPLICATE = "duplicate id"
ENTRY = np.dtype([("id", "<u8"), ("position", "<i8"), ("line", "<u4")])


@dataclass(frozen=True, kw_only=True)
class Index:
    """The usable rows of one language, in the source's order."""

    checksum: str
    numbered: bool  # ids are row numbers, which say nothing about other sources
    entries: NDArray[Any]  # of ENTRY
    mean_bytes: float  # UTF-8 bytes of the columns in prompt and answer a row
    skipped: LeftOut  # under `on_bad_row: skip`, reasons sorted

    @property
    def ids(self) -> Hashes:
        return self.entries["id"]

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self.ids, kind="stable")

    def find(self, hashes: Hashes) -> NDArray[np.int64]:
        """The entry number of each hashed id, -1 where this language does not have it."""
        if not len(self.entries):
            return np.full(len(hashes), -1)
        positions = np.searchsorted(self.ids, hashes, sorter=self._order)
        nearest = self._order[np.minimum(positions, len(self._order) - 1)]
        return np.where(self.ids[nearest] == hashes, nearest, -1)


def kept_index(store: Store | None, checksum: str, check: RowCheck, *, skip: bool) -> Index | None:
    """The index of a source with this checksum, if the store keeps it."""
    if store is None:
        return None
    key = _key(checksum, check, skip=skip)
    manifest = store.manifest(key)
    if manifest is None or manifest.pruned is not None:
        return None
    return _read(store.fetch(key), checksum, IndexMetadata.of(manifest))


def make_index(store: Store | None, rows: Rows, checksum: str, check: RowCheck, *, skip: bool) -> Index:
    """The index made now, and kept in the store if there is one. DataError for a bad row unless `skip`."""
    index = build_index(rows, checksum, check, skip=skip)
    if store is not None:
        with store.writer(_key(checksum, check, skip=skip)) as attempt:
            np.save(attempt.path / ArtifactFile.INDEX, index.entries)
            IndexMetadata(mean_bytes=index.mean_bytes, numbered=index.numbered, skipped=index.skipped).write(attempt)
    return index


def _key(checksum: str, check: RowCheck, *, skip: bool) -> str:
    return f"sources/{digest({'format': INDEX_FORMAT, 'checksum': checksum, 'check': check.identity, 'skip': skip})}"


def _read(folder: Path, checksum: str, metadata: IndexMetadata) -> Index:
    return Index(
        checksum=checksum,
        numbered=metadata.numbered,
        entries=np.load(folder / ArtifactFile.INDEX),
        mean_bytes=metadata.mean_bytes,
        skipped=metadata.skipped,
    )


def build_index(rows: Rows, checksum: str, check: RowCheck, *, skip: bool) -> Index:
    """Read and check every row once. A row that is bad, or whose id is there already, is refused or left out."""
    ids, positions, lines = bytearray(), array.array("q"), array.array("L")
    skipped: LeftOut = {}
    size = 0
    for position, line, row in rows.scan():
        try:
            identifier, row_bytes = check.check(row, line)
        except BadRow as bad:
            if not skip:
                raise DataError(
                    f"{rows.location(line)}: {bad.text}; mend the row, or leave such rows out with `on_bad_row: skip`"
                ) from None
            skipped.setdefault(bad.reason, LeftOutRows()).add(rows.location(line))
            continue
        ids += hash_id(identifier)
        positions.append(position)
        lines.append(line)
        size += row_bytes
    entries = np.empty(len(positions), ENTRY)
    entries["id"] = np.frombuffer(ids, dtype="<u8")
    entries["position"], entries["line"] = positions, lines
    repeated = _repeated(entries["id"])
    if repeated.any():
        if not skip:
            raise DataError(_duplicate(rows, check, entries, int(np.flatnonzero(repeated)[0])))
        duplicates = skipped.setdefault(DUPLICATE, LeftOutRows())
        for line in entries["line"][repeated].tolist():
            duplicates.add(rows.location(line))
    return Index(
        checksum=checksum,
        numbered=bool(rows.numbered),
        entries=entries[~repeated],
        mean_bytes=size / len(entries) if len(entries) else 0.0,
        skipped=dict(sorted(skipped.items())),
    )


def _repeated(ids: Hashes) -> NDArray[np.bool_]:
    """True where an id has been seen before."""
    first = np.unique(ids, return_index=True)[1]
    repeated = np.ones(len(ids), dtype=bool)
    repeated[first] = False
    return repeated


def _duplicate(rows: Rows, check: RowCheck, entries: NDArray[Any], number: int) -> str:
    first = int(np.flatnonzero(entries["id"] == entries["id"][number])[0])
    identifier = check.identify(next(iter(rows.read([int(entries["position"][number])]))), number)
    return (
        f"{rows.location(int(entries['line'][number]))}: id: got {identifier!r} again (first: "
        f"{rows.location(int(entries['line'][first]))}), expected each id once; "
        "mend the row, or leave such rows out with `on_bad_row: skip`"
    )
