"""Work on a Kubernetes cluster: jobs (PyTorchJobs of one cell) and runs (of the Kubeflow pipeline).

The package is used by these names alone. Each is imported at its first use: the client of a cluster, pandas and torch
are heavy, and most who import this package need none of them. Two inner packages hold the files:

- `jobs`: a training or an evaluation described so that it runs in this process or as a PyTorchJob, its launcher with
  lease, log and reasons for failure, and the reaper of jobs that nobody looks after;
- `runs`: what Kubeflow's components call: how a run begins, what a step of a cell records, and how the run ends.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clt.cluster.jobs.cluster import Cluster, Missing
    from clt.cluster.jobs.installation import (
        DATA_FOLDER,
        HUB_SECRET_FOLDER,
        JUDGE_SECRET_FOLDER,
        STORE_SECRET_FOLDER,
        Installation,
    )
    from clt.cluster.jobs.job_spec import JobSpec
    from clt.cluster.jobs.orphaned_jobs import delete_jobs, find_jobs
    from clt.cluster.jobs.run_job import run_job
    from clt.cluster.runs.await_runs import await_runs
    from clt.cluster.runs.baseline import publish_baseline
    from clt.cluster.runs.cell import cell_step
    from clt.cluster.runs.completeness import cell_states, planned_study, require_complete
    from clt.cluster.runs.fetch import fetch_step
    from clt.cluster.runs.finalize import finalize_run
    from clt.cluster.runs.form import ALL_CELLS, EVERY_RUN, NO_REPEAT, REPEAT, SHARD, STORE, STUDY
    from clt.cluster.runs.overview import describe_plan
    from clt.cluster.runs.pointer import record_pointer
    from clt.cluster.runs.progress import CELL_STEPS, RUN_STEPS, RunProgress, StepProgress, read_progress
    from clt.cluster.runs.publish import publish_statistics
    from clt.cluster.runs.shard import MAX_CELLS, shards
    from clt.cluster.runs.start import MAX_INLINE_BYTES, start_run
    from clt.cluster.runs.step import RETRIES, run_step

__all__ = [
    "ALL_CELLS",
    "CELL_STEPS",
    "DATA_FOLDER",
    "EVERY_RUN",
    "HUB_SECRET_FOLDER",
    "JUDGE_SECRET_FOLDER",
    "MAX_CELLS",
    "MAX_INLINE_BYTES",
    "NO_REPEAT",
    "REPEAT",
    "RETRIES",
    "RUN_STEPS",
    "SHARD",
    "STORE",
    "STORE_SECRET_FOLDER",
    "STUDY",
    "Cluster",
    "Installation",
    "JobSpec",
    "Missing",
    "RunProgress",
    "StepProgress",
    "await_runs",
    "cell_states",
    "cell_step",
    "delete_jobs",
    "describe_plan",
    "fetch_step",
    "finalize_run",
    "find_jobs",
    "planned_study",
    "publish_baseline",
    "publish_statistics",
    "read_progress",
    "record_pointer",
    "require_complete",
    "run_job",
    "run_step",
    "shards",
    "start_run",
]

_FILES = {
    "jobs.cluster": ("Cluster", "Missing"),
    "jobs.installation": (
        "DATA_FOLDER",
        "HUB_SECRET_FOLDER",
        "JUDGE_SECRET_FOLDER",
        "STORE_SECRET_FOLDER",
        "Installation",
    ),
    "jobs.job_spec": ("JobSpec",),
    "jobs.orphaned_jobs": ("delete_jobs", "find_jobs"),
    "jobs.run_job": ("run_job",),
    "runs.await_runs": ("await_runs",),
    "runs.baseline": ("publish_baseline",),
    "runs.cell": ("cell_step",),
    "runs.completeness": ("cell_states", "planned_study", "require_complete"),
    "runs.fetch": ("fetch_step",),
    "runs.finalize": ("finalize_run",),
    "runs.form": ("ALL_CELLS", "EVERY_RUN", "NO_REPEAT", "REPEAT", "SHARD", "STORE", "STUDY"),
    "runs.overview": ("describe_plan",),
    "runs.pointer": ("record_pointer",),
    "runs.progress": ("CELL_STEPS", "RUN_STEPS", "RunProgress", "StepProgress", "read_progress"),
    "runs.publish": ("publish_statistics",),
    "runs.shard": ("MAX_CELLS", "shards"),
    "runs.start": ("MAX_INLINE_BYTES", "start_run"),
    "runs.step": ("RETRIES", "run_step"),
}
_FILE_OF = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"clt.cluster.{_FILE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
