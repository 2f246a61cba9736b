"""An Arrow file of rows, mapped into memory: any row is found by its number, and none is held."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

BATCH_ROWS = 1000
CHUNK_ROWS = 10_000


class ArrowTable:
    """A file that `write_arrow` wrote."""

    def __init__(self, path: Path) -> None:
        import pyarrow

        self._reader = pyarrow.ipc.open_file(pyarrow.memory_map(str(path)))

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self._reader.schema.names)

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows, in order."""
        for index in range(self._reader.num_record_batches):
            yield from self._reader.get_batch(index).to_pylist()

    def take(self, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows with these numbers, from 0; ten thousand at a time are read batch by batch."""
        iterator = iter(numbers)
        while chunk := list(islice(iterator, CHUNK_ROWS)):
            wanted = np.asarray(chunk)
            batches = np.searchsorted(self._starts, wanted, side="right") - 1
            rows: list[dict[str, Any]] = [{}] * len(chunk)
            for index in np.unique(batches).tolist():
                places = np.flatnonzero(batches == index)
                taken = self._reader.get_batch(index).take(wanted[places] - self._starts[index])
                for place, row in zip(places.tolist(), taken.to_pylist(), strict=True):
                    rows[place] = row
            yield from rows

    @cached_property
    def _starts(self) -> Any:
        """The number of each batch's first row; batches without rows share the next one's."""
        counts = [self._reader.get_batch(index).num_rows for index in range(self._reader.num_record_batches)]
        return np.cumsum([0, *counts])[:-1]


def write_arrow(path: Path, schema: Any, batches: Iterable[Any]) -> None:
    """Write record batches of one schema."""
    import pyarrow

    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_file(file, schema) as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)
