"""Work on a Kubernetes cluster: jobs (PyTorchJobs of one cell) and runs (of the Kubeflow pipeline).

The package is used by these names alone. Each is imported at its first use: the client of a cluster, pandas and torch
are heavy, and most who import this package need none of them. Two inner packages hold the files:

- `jobs`: a training or an evaluation described so that it runs in this process or as a PyTorchJob, its launcher with
  lease, log and reasons for failure, and the reaper of jobs that nobody looks after;
- `runs`: what Kubeflow's components call: how a run begins, what a step of a cell records, and how the run ends.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clt.cluster.jobs.cluster import Cluster
    from clt.cluster.jobs.installation import (
        DATA_FOLDER,
        HUB_SECRET_FOLDER,
        STORE_SECRET_FOLDER,
        Installation,
    )
    from clt.cluster.jobs.job_spec import JobSpec
    from clt.cluster.jobs.orphaned_jobs import delete_jobs, find_jobs
    from clt.cluster.jobs.run_job import run_job
    from clt.cluster.runs.await_runs import await_runs
    from clt.cluster.runs.cell import cell_step
    from clt.cluster.runs.finalize import cell_states, finalize_run, planned_study, require_complete
    from clt.cluster.runs.overview import describe_plan
    from clt.cluster.runs.retry import run_step
    from clt.cluster.runs.shard import MAX_CELLS, shards
    from clt.cluster.runs.start import EVERY_RUN, MAX_INLINE_BYTES, NO_REPEAT, start_run
    from clt.cluster.runs.summary import summarize

__all__ = [
    "DATA_FOLDER",
    "EVERY_RUN",
    "HUB_SECRET_FOLDER",
    "MAX_CELLS",
    "MAX_INLINE_BYTES",
    "NO_REPEAT",
    "STORE_SECRET_FOLDER",
    "Cluster",
    "Installation",
    "JobSpec",
    "await_runs",
    "cell_states",
    "cell_step",
    "delete_jobs",
    "describe_plan",
    "finalize_run",
    "find_jobs",
    "planned_study",
    "require_complete",
    "run_job",
    "run_step",
    "shards",
    "start_run",
    "summarize",
]

_FILES = {
    "jobs.cluster": ("Cluster",),
    "jobs.installation": ("DATA_FOLDER", "HUB_SECRET_FOLDER", "STORE_SECRET_FOLDER", "Installation"),
    "jobs.job_spec": ("JobSpec",),
    "jobs.orphaned_jobs": ("delete_jobs", "find_jobs"),
    "jobs.run_job": ("run_job",),
    "runs.await_runs": ("await_runs",),
    "runs.cell": ("cell_step",),
    "runs.finalize": ("cell_states", "finalize_run", "planned_study", "require_complete"),
    "runs.overview": ("describe_plan",),
    "runs.retry": ("run_step",),
    "runs.shard": ("MAX_CELLS", "shards"),
    "runs.start": ("EVERY_RUN", "MAX_INLINE_BYTES", "NO_REPEAT", "start_run"),
    "runs.summary": ("summarize",),
}
_FILE_OF = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"clt.cluster.{_FILE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
