"""How an effect grows with rows: from a step at the first row over forms that saturate and log1p to nearly a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

LOG = (0.01, 0.05, 0.25, 1.25)  # scales of log1p, as shares of the largest rows: nearly log to nearly linear
EARLIEST, LATEST = 0.02, 0.5  # half of an effect: from a share of the smallest rows above 0 to one of the largest
SATURATING = 8  # scales between them
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Bend:
    """g of rows, 0 at none and 1 at `largest`: log(1 + rows / scale), or rows / (rows + scale), as a share of that."""

    kind: Literal["log", "saturating"]
    scale: float  # rows
    largest: float  # rows

    def of(self, rows: Array) -> Array:
        """g, of any shape."""
        return np.asarray(self._raw(rows) / self._raw(np.array(self.largest)))

    def _raw(self, rows: Array) -> Array:
        return np.asarray(np.log1p(rows / self.scale) if self.kind == "log" else rows / (rows + self.scale))


def bends_of(smallest: float, largest: float) -> Iterator[Bend]:
    """The forms that a fit averages over, for the smallest and the largest rows above 0."""
    for share in LOG:
        yield Bend("log", share * largest, largest)
    for scale in np.geomspace(EARLIEST * smallest, LATEST * largest, SATURATING):
        yield Bend("saturating", float(scale), largest)
