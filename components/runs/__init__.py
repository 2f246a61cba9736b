"""One run of the pipeline on a cluster: which cells it has, what it shows in Kubeflow's UI, and how it ends."""

from components.runs.cell import CellStep, cell_step
from components.runs.ending import cell_states, planned_study, require_complete, tidy
from components.runs.others import await_runs
from components.runs.overview import describe_plan
from components.runs.retry import run_step
from components.runs.shard import MAX_CELLS, shards, take_shard
from components.runs.start import EVERY_RUN, MAX_INLINE_BYTES, NO_REPEAT, Run, start_run
from components.runs.summary import summarize

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
