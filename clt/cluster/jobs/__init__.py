"""What needs an accelerator, described so that it can run here or as a PyTorchJob on a cluster."""

from typing import TYPE_CHECKING, Any

from clt.cluster.jobs.installation import (
    DATA_FOLDER,
    HUB_SECRET_FOLDER,
    STORE_SECRET_FOLDER,
    Installation,
    from_environment,
)
from clt.cluster.jobs.job_spec import JobSpec
from clt.cluster.jobs.run_job import run_job

if TYPE_CHECKING:
    from clt.cluster.jobs.cluster import Cluster
    from clt.cluster.jobs.orphaned_jobs import FoundJob, delete_jobs, find_jobs
    from clt.cluster.jobs.preflight import check_jobs

__all__ = [
    "DATA_FOLDER",
    "HUB_SECRET_FOLDER",
    "STORE_SECRET_FOLDER",
    "Cluster",
    "FoundJob",
    "Installation",
    "JobSpec",
    "check_jobs",
    "delete_jobs",
    "find_jobs",
    "from_environment",
    "run_job",
]

# The client of a cluster is heavy, and most users of this room have none.
_LAZY = {
    "Cluster": "cluster",
    "FoundJob": "orphaned_jobs",
    "check_jobs": "preflight",
    "delete_jobs": "orphaned_jobs",
    "find_jobs": "orphaned_jobs",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"clt.cluster.jobs.{_LAZY[name]}"), name)
