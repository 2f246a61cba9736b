"""Rows of a data set that the `datasets` library loads: a hub id at a commit, or a local folder."""

import hashlib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from clt.errors import DataError
from clt.hashing import digest
from clt.study import Source

BATCH_ROWS = 1000


class HubRows:
    """One split, or the rows of it that `where` takes; a row's position is its number in the split, from 0."""

    def __init__(self, source: Source, named: str, field: str) -> None:
        def filled(text: str | None) -> str | None:
            return None if text is None else text.replace("{language}", named)

        self._path = filled(source.hub) or ""
        self._options = {
            "name": filled(source.config),
            "data_files": filled(source.files),
            "split": filled(source.split),
            "revision": source.revision,
        }
        self._where = {column: pattern.replace("{language}", named) for column, pattern in source.where.items()}
        self._source, self._field = source, field
        self.name = " ".join(text for text in (self._path, *list(self._options.values())[:3]) if text)
        if Path(self._path).is_absolute() and not Path(self._path).is_dir():
            raise DataError(
                f"{field}: {self._path}: there is no such folder, expected one that `datasets` loads, or a hub id"
            )

    @cached_property
    def _data(self) -> Any:
        import datasets

        try:
            return datasets.load_dataset(self._path, **self._options)
        except Exception as error:  # the library has no root for its errors, and lets those of its back ends through
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise DataError(
                f"{self._field}: {self.name}: cannot be loaded ({reason}), expected a data set with this config, "
                "split, files and revision; correct them in the study, or check the network"
            ) from error

    @property
    def numbered(self) -> bool:
        """With `ids: row`, and where there is no `id` column and the study names none for it."""
        if self._source.ids == "row":
            return True
        return "id" not in self._source.columns and "id" not in self._data.column_names

    @property
    def size(self) -> int:
        return int(self._data.data.nbytes)

    def checksum(self) -> str:
        """A hash of what names the rows (hub id, commit, config, split, files, where), and of a folder's files."""
        identity: dict[str, Any] = {**self._options, "where": self._where}
        folder = Path(self._path)
        if not folder.is_absolute():
            return digest(identity | {"hub": self._path})
        content = {}
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            with file.open("rb") as opened:
                content[file.relative_to(folder).as_posix()] = hashlib.file_digest(opened, "sha256").hexdigest()
        return digest(identity | {"content": content})

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """Position, number among the rows that are taken, and columns of every row."""
        numbers = self._taken() if self._where else range(len(self._data))
        for number, (position, row) in enumerate(zip(numbers, self.read(numbers), strict=True)):
            yield position, number, row

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows with these numbers."""
        iterator = iter(positions)
        while chunk := list(islice(iterator, BATCH_ROWS)):
            columns = self._data[chunk]
            names = list(columns)
            yield from (dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))

    def location(self, line: int) -> str:
        return f"{self.name}: row {line}"

    def _taken(self) -> list[int]:
        """The numbers of the rows whose columns fit the patterns of `where`."""
        import pyarrow
        from pyarrow import compute

        if missing := [column for column in self._where if column not in self._data.column_names]:
            raise DataError(
                f"{self._field}: where: got {missing[0]!r}, expected one of the columns of {self.name}: "
                f"{', '.join(self._data.column_names)}"
            )
        taken: list[int] = []
        first = 0
        columns = self._data.select_columns(list(self._where)).with_format("arrow")
        for batch in columns.iter(batch_size=BATCH_ROWS):
            fits = pyarrow.array([True] * len(batch))
            for column, pattern in self._where.items():
                values = batch[column].unique()
                allowed = [value for value in values if fnmatchcase(str(value), pattern)]
                fits = compute.and_(fits, compute.is_in(batch[column], pyarrow.array(allowed, values.type)))
            taken += (compute.indices_nonzero(fits).to_numpy() + first).tolist()
            first += len(batch)
        return taken
