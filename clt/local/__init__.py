"""Run a study on this machine: its cells in worker processes, what became of them, and which plans a store has."""

from clt.local.cell_status import CellStatus, seconds_left, status
from clt.local.garbage import find_garbage
from clt.local.mending import let_go
from clt.local.runner import PreparedRun, RunResult, Watch, prepare_run, run_study
from clt.local.stored_cell import find_cell, find_evaluated_cell
from clt.local.stored_study import find_planned, find_repeats, find_study, plans_in
from clt.local.workers import Outcome, Watcher

__all__ = [
    "CellStatus",
    "Outcome",
    "PreparedRun",
    "RunResult",
    "Watch",
    "Watcher",
    "find_cell",
    "find_evaluated_cell",
    "find_garbage",
    "find_planned",
    "find_repeats",
    "find_study",
    "let_go",
    "plans_in",
    "prepare_run",
    "run_study",
    "seconds_left",
    "status",
]
