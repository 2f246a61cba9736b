"""Runs of comparisons of which some lack values: each comparison's own runs without gaps, and back."""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class OwnRuns:
    """All (runs, comparisons); row i is a comparison's own run i, and what is behind its last one is nothing."""

    values: Array  # 0 where nothing is
    there: Array  # bool
    run: Array  # which of all runs it is

    @classmethod
    def of(cls, values: Array, excluded: Array | None) -> "OwnRuns":
        """Of values (runs, comparisons), NaN where a run has none, without the runs that are `excluded` (runs,)."""
        used = ~np.isnan(values)
        if excluded is not None:
            used &= ~excluded[:, None]
        run = np.argsort(~used, axis=0, kind="stable")
        there = np.take_along_axis(used, run, axis=0)
        return cls(np.where(there, np.take_along_axis(values, run, axis=0), 0.0), there, run)

    @property
    def longest(self) -> int:
        """Runs of the comparison that has most."""
        return int(self.there.sum(axis=0).max(initial=0))

    def by_run(self, rows: Array) -> Array:
        """Rows of own runs in the place of all runs; NaN, or False, where a comparison has none."""
        out = np.full_like(rows, np.nan if rows.dtype == float else False)
        np.put_along_axis(out, self.run, np.where(self.there, rows, out), axis=0)
        return out

    def number(self, own: Array) -> Array:
        """The number among all runs of each comparison's own run (comparisons,); -1 stays."""
        if not len(self.run):
            return own
        return np.where(own >= 0, np.take_along_axis(self.run, np.maximum(own, 0)[None], axis=0)[0], -1)
