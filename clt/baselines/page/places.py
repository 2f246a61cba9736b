"""Where runs stand in charts: the last ones each for itself, older ones in groups, so that no history is too long."""

from dataclasses import dataclass

RECENT = 120  # runs that have a place of their own
GROUPS = 60  # places that all older ones share


@dataclass(frozen=True, slots=True)
class Places:
    """Runs by their place on the x axis; every place is as wide as any other."""

    groups: tuple[range, ...]  # indices of runs, oldest first
    size: int  # runs in an older group but for the last; 1: every run has its own place

    @classmethod
    def of(cls, runs: int) -> "Places":
        """The places of so many runs."""
        older = max(runs - RECENT, 0)
        size = max(-(-older // GROUPS), 1)
        grouped = [range(start, min(start + size, older)) for start in range(0, older, size)]
        return cls((*grouped, *(range(run, run + 1) for run in range(older, runs))), size)

    @property
    def count(self) -> int:
        return len(self.groups)

    @property
    def grouped(self) -> int:
        """How many of the oldest runs share their places."""
        return 0 if self.size == 1 else max((group[-1] + 1 for group in self.groups if len(group) > 1), default=0)

    def of_run(self, run: int) -> int:
        """The place of a run, by its index."""
        older = self.groups[-1][-1] + 1 - RECENT
        return run if self.size == 1 else run // self.size if run < older else run - older + -(-older // self.size)
