"""A job: the one training or evaluation of one cell. Its backend here is the calling process itself.

The training and evaluation rooms load torch, so they are imported only when a job runs.
"""

from dataclasses import dataclass
from typing import Literal

from components.storage import open_store


@dataclass(frozen=True, kw_only=True, slots=True)
class JobSpec:
    """All that a process on any machine needs to do the job; everything else is in the store."""

    kind: Literal["training", "evaluation"]
    store: str  # the store's uri
    study_key: str
    cell_key: str
    run: str = ""  # the id that Kubeflow gave the run; jobs in a cluster carry it, so that they can be found by it


def run_job(spec: JobSpec) -> None:
    """Run the job in this process; what is complete in the store is not done again. Raises the step's own error."""
    store = open_store(spec.store)
    if spec.kind == "training":
        from components.training import train

        train(store, spec.study_key, spec.cell_key)
    else:
        from components.evaluation import evaluate

        evaluate(store, spec.study_key, spec.cell_key)
