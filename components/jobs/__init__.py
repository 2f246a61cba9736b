"""What needs an accelerator, described so that it can run here or as a PyTorchJob on a cluster."""

from typing import TYPE_CHECKING, Any

from components.jobs.installation import (
    DATA_FOLDER,
    HUB_SECRET_FOLDER,
    STORE_SECRET_FOLDER,
    Installation,
    from_environment,
)
from components.jobs.job import JobSpec, run_job

if TYPE_CHECKING:
    from components.jobs.cluster import Cluster
    from components.jobs.leftovers import FoundJob, delete_jobs, find_jobs

__all__ = [
    "DATA_FOLDER",
    "HUB_SECRET_FOLDER",
    "STORE_SECRET_FOLDER",
    "Cluster",
    "FoundJob",
    "Installation",
    "JobSpec",
    "delete_jobs",
    "find_jobs",
    "from_environment",
    "run_job",
]

# The client of a cluster is heavy, and most users of this room have none.
_LAZY = {"Cluster": "cluster", "FoundJob": "leftovers", "delete_jobs": "leftovers", "find_jobs": "leftovers"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"components.jobs.{_LAZY[name]}"), name)
