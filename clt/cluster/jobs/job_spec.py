"""What a job is: the one training or evaluation of one cell, here or as a PyTorchJob on a cluster."""

from dataclasses import dataclass
from typing import Literal

from clt.store import Store, gone_steps
from clt.study import StudyRecord

Kind = Literal["training", "evaluation"]


@dataclass(frozen=True, kw_only=True, slots=True)
class JobSpec:
    """All that a process on any machine needs to do the job; everything else is in the store."""

    kind: Kind
    store: str  # the store's uri
    study_key: str
    cell_key: str
    run: str = ""  # the id of the run that asks for it: on a cluster a label of the job, nothing else

    def output_key(self, record: StudyRecord) -> str:
        """Where in the store the job's result is, complete or not."""
        cell = record.grid.cell(self.cell_key)
        return record.training_key(cell) if self.kind == "training" else record.evaluation_key(cell)

    def progress_key(self, store: Store, record: StudyRecord) -> str:
        """Where its process notes how far it is.

        The state of an evaluation's own key is the launcher's, and that of a complete training, whose pruned weights
        are made again, says no more than that it is done.
        """
        key = self.output_key(record)
        own = self.kind == "training" and store.manifest(key) is None
        return key if own else f"{key}/job"

    def is_complete(self, store: Store, record: StudyRecord) -> bool:
        """Whether there is nothing to do: the result is there, and no weights that the study needs were pruned."""
        cell = record.grid.cell(self.cell_key)
        if self.kind == "evaluation":
            return store.manifest(record.evaluation_key(cell)) is not None
        if cell.is_base:
            return True
        return store.manifest(record.training_key(cell)) is not None and not gone_steps(store, record, cell)
