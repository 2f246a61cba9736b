"""One run of the pipeline on a cluster: which cells it has, what it shows in Kubeflow's UI, and how it ends."""

from clt.cluster.runs.await_runs import await_runs
from clt.cluster.runs.cell import CellStep, cell_step
from clt.cluster.runs.finalize import cell_states, planned_study, require_complete, tidy
from clt.cluster.runs.overview import describe_plan
from clt.cluster.runs.retry import run_step
from clt.cluster.runs.shard import MAX_CELLS, shards, take_shard
from clt.cluster.runs.start import EVERY_RUN, MAX_INLINE_BYTES, NO_REPEAT, Run, start_run
from clt.cluster.runs.summary import summarize

__all__ = [
    "EVERY_RUN",
    "MAX_CELLS",
    "MAX_INLINE_BYTES",
    "NO_REPEAT",
    "CellStep",
    "Run",
    "await_runs",
    "cell_states",
    "cell_step",
    "describe_plan",
    "planned_study",
    "require_complete",
    "run_step",
    "shards",
    "start_run",
    "summarize",
    "take_shard",
    "tidy",
]
