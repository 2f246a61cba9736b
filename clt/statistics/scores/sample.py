"""Item scores of one curve as one array: what is resampled."""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Item scores of one curve.

    scores (runs, items, points, languages), 0 where there is none; mask (items, languages): which items a language is
    averaged over; present (points, languages): False where a point has no score at all in a language.
    """

    items: tuple[str, ...]  # sorted
    scores: Array
    mask: Array
    present: Array

    @property
    def common(self) -> int:
        """Items that every scored language has."""
        return int(self.mask[:, self.mask.any(axis=0)].all(axis=1).sum())
