"""A job: the one training or evaluation of one cell, here or as a PyTorchJob on a cluster.

The training and evaluation rooms load torch and the cluster's client is heavy too: each is imported only when needed.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from components.jobs.installation import from_environment
from components.storage import open_store
from components.study import StudyRecord, UserError, read_record

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


def run_job(spec: JobSpec) -> None:
    """Do the job: what is complete in the store is not done again.

    A pod that was told of an installation (see `components.jobs.installation`) launches a PyTorchJob and waits for it;
    any other process does the work itself. Raises the step's own error, or CellFailure with what the cluster says.
    """
    installation = from_environment()
    if installation is None:
        work(spec)
        return
    store = open_store(spec.store)
    record = read_record(store, spec.study_key)
    cell = record.grid.cell(spec.cell_key)
    if (cell.is_base and spec.kind == "training") or store.manifest(spec.output_key(record)) is not None:
        return
    from components.jobs.cluster import Cluster
    from components.jobs.launch import launch

    launch(spec, record, installation, Cluster.connect())


def work(spec: JobSpec) -> None:
    """Do the job in this process. UserError in an image without torch."""
    if find_spec("torch") is None:
        raise UserError(
            "this image has no torch to train or evaluate with: compile the pipeline with --gpu-image, so that jobs on "
            "that image do it; on a laptop install the extra `train`"
        )
    store = open_store(spec.store)
    if spec.kind == "training":
        from components.training import train

        train(store, spec.study_key, spec.cell_key)
    else:
        from components.evaluation import evaluate

        evaluate(store, spec.study_key, spec.cell_key)
