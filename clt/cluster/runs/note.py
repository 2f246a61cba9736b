"""The note that a run leaves in the store: what its later tasks, and other runs, read of it."""

from clt.cluster.runs.step import run_key
from clt.store import Attempt, Metadata, Store


class RunNote(Metadata):
    """The metadata of `runs/RUN`."""

    study_key: str
    repeat: str
    cells: list[str]  # keys of those that the run takes; Kubeflow's loop numbers them in this order, from 0
    shard: str | None = None  # None: the run computes none, it waits for others
    started: str | None = None  # ISO 8601, UTC

    def write(self, attempt: Attempt) -> None:
        """Put this into the manifest that the attempt is going to have."""
        attempt.metadata.update(self.model_dump(exclude_none=True))


def write_note(store: Store, run: str, note: RunNote) -> None:
    """Leave the note of a run; an earlier one of the same run stands."""
    with store.writer(run_key(run)) as attempt:
        note.write(attempt)


def read_note(store: Store, run: str) -> RunNote | None:
    """The note of a run, None if its plan did not complete."""
    return RunNote.read(store, run_key(run))
