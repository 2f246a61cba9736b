"""Item scores of one curve as one array: what is resampled."""

from dataclasses import dataclass

import numpy as np

SEEDS_TO_RESAMPLE = 5  # fewer seeds say too little about the spread between seeds: intervals are conditional on them
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
    def resamples_runs(self) -> bool:
        return len(self.scores) >= SEEDS_TO_RESAMPLE

    def part(self, chosen: Array) -> "Sample":
        """The sample with the chosen items (items,) of bool only."""
        names = tuple(name for name, inside in zip(self.items, chosen, strict=True) if inside)
        return Sample(items=names, scores=self.scores[:, chosen], mask=self.mask[chosen], present=self.present)
