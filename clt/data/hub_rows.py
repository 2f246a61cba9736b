"""Rows of a data set that the `datasets` library loads: a hub id at a commit, or a folder of files of other kinds."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from clt.data.file_content import file_checksum
from clt.data.file_kind import safe_names
from clt.data.filtered_rows import nothing_matches
from clt.data.folder_files import data_set_options, loading
from clt.errors import DataError
from clt.hashing import digest
from clt.store import cache_folder
from clt.study import Source

BATCH_ROWS = 1000


class HubRows:
    """One split, or the rows of it that `where` takes; a row's position is its number in the split, from 0."""

    def __init__(self, source: Source, named: str, files: list[Path], numbered: str, field: str) -> None:
        """`files` are those of a folder; what is loaded of them is kept by their content, not by their times."""
        options = data_set_options(source, named)
        self._path = options.pop("path")
        self._options = options | {"revision": source.revision}
        self._where = {column: pattern.replace("{language}", named) for column, pattern in source.where.items()}
        self._files, self._field = files, field
        self.numbered = numbered
        self.name = " ".join(text for text in (self._path, *options.values()) if text)

    @cached_property
    def _data(self) -> Any:
        import datasets

        kept = cache_folder() / "datasets" / self.checksum() if self._files else None
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
            os.utime(kept)  # when it was last used
        with loading(self.name, self._field):
            return datasets.load_dataset(self._path, **self._options, cache_dir=None if kept is None else str(kept))

    @property
    def columns(self) -> list[str]:
        return list(self._data.column_names)

    @property
    def size(self) -> int:
        return int(self._data.data.nbytes)

    def checksum(self) -> str:
        """A hash of what names the rows (hub id, commit, config, split, files, where), or of a folder's files."""
        identity: dict[str, Any] = {**self._options, "where": self._where}
        if self._files:
            return digest(identity | {"content": [file_checksum(path) for path in self._files]})
        return digest(identity | {"hub": self._path})

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        """Position, number among the rows that are taken, and columns of every row; DataError if `where` takes none."""
        numbers = self._taken() if self._where else range(len(self._data))
        if len(self._data) and not numbers:
            raise nothing_matches(self._field, self.name, len(self._data), self._where)
        for number, (position, row) in enumerate(zip(numbers, self.read(numbers), strict=True)):
            yield position, number, row

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows with these numbers."""
        iterator, table = (
            iter(positions),
            self._data.with_format("arrow"),
        )  # by itself it decodes images, and fetches them
        while chunk := list(islice(iterator, BATCH_ROWS)):
            columns = table[chunk].to_pydict()
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
                f"{safe_names(self.columns)}"
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
