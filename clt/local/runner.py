"""The local runner: the cells of a planned study side by side in worker processes, one cell at a time each.

A cell is mix, train, evaluate in one worker; cells depend on nothing of each other, so there is one queue, dearest
cells first, and no barrier. Everything complete stays in the store: a run that was ended by any means is resumed by
running it again.
"""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from clt.cluster import JobSpec, run_job
from clt.endpoints import check_endpoint
from clt.local.workers import Outcome, Watcher, run_tasks
from clt.planning import Plan, check_limits, default_workers, plan_selected, plan_study
from clt.store import Store, open_store, read_record, wants_weights
from clt.study import Study, StudyRecord, is_judged

# What training and evaluation import, which takes most of their start; the packages themselves are light.
PRELOAD = ("clt.local.preload",)
# Who is told what happens, for cells with these estimated costs on so many workers.
Watch = Callable[[Mapping[str, float], int], AbstractContextManager[Watcher]]


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedRun:
    """A planned study, and which of its cells a run has to complete."""

    store: Store
    record: StudyRecord
    plan: Plan  # of these cells
    workers: int

    def complete(self, watch: Watch) -> "RunResult":
        """Run the cells; see `run_study`."""
        costs = {cost.cell.key: cost.seconds for cost in self.plan.cells}
        return run_study(self.store.uri, self.record.key, list(costs), workers=self.workers, costs=costs, watch=watch)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResult:
    """What became of the cells of one run."""

    complete: tuple[str, ...]  # before the run
    done: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict
    )  # cell -> seconds of mixing, training, evaluation
    failed: Mapping[str, str] = field(default_factory=dict)  # cell -> the error
    left: tuple[str, ...] = ()  # neither: the run was stopped before
    stopped_by: signal.Signals | None = None
    workers: int = 0  # 0: nothing was left to do, none was started
    seconds: float = 0.0  # wall time from the start of the first worker

    @property
    def step_seconds(self) -> float:
        """Of all finished cells' steps, summed."""
        return sum(sum(steps.values()) for steps in self.done.values())

    @property
    def overhead(self) -> float:
        """Share of the wall time in which the workers did not work on a finished cell's steps; 0 if none started."""
        return 1 - self.step_seconds / self.workers / self.seconds if self.workers else 0.0

    @property
    def exit_status(self) -> int:
        """0: all complete; 1: some failed; 130 and 143: stopped by SIGINT and SIGTERM, as shells count."""
        if self.stopped_by is not None:
            return 128 + self.stopped_by
        return 1 if self.failed else 0

    def summary(self) -> str:
        """What to tell the user at the end, failures and how to resume included."""
        finished = len(self.complete) + len(self.done)
        total = finished + len(self.failed) + len(self.left)
        lines = [f"{finished} of {total} cells complete" + (f", {len(self.failed)} failed:" if self.failed else "")]
        lines += [f"  {cell}: {error}" for cell, error in self.failed.items()]
        if self.stopped_by is not None:
            lines.append(f"stopped by {self.stopped_by.name}; all workers have ended")
        if self.failed or self.left:
            lines.append("run the same command again to resume: what is complete is not done again")
        return "\n".join(lines)


def prepare_run(
    store: Store, study: Study, *, text: str = "", cells: str | None, workers: int | None, repeat: str
) -> PreparedRun:
    """Plan a study into the store, and choose the cells that a run has to complete.

    Args:
        store: Where every step's output goes.
        study: With resolved paths.
        text: The study file as written.
        cells: A filter (see `select_cells`); None: all.
        workers: Cells side by side; None: `default_workers`.
        repeat: Part of every cell's identity: the same cells again on purpose.

    Raises:
        UserError: Whatever is wrong with the study, its data or the filter, or a limit that would be exceeded; or its
            judge cannot be asked.
    """
    record = plan_study(store, study, text=text, repeat=repeat)
    workers = default_workers(record) if workers is None else workers
    plan = plan_selected(record, cells, workers)
    check_limits(plan)
    _check_judge(store, record)
    return PreparedRun(store=store, record=record, plan=plan, workers=workers)


def _check_judge(store: Store, record: StudyRecord) -> None:
    """Before anything is trained, if a cell that is not complete has to be judged."""
    judge, cells = record.study.judge, record.grid.cells
    keys = {record.evaluation_key(cell) for cell in cells if is_judged(record.study, cell.tasks)}
    if judge is not None and keys - store.manifests(keys).keys():
        check_endpoint(judge.endpoint)


def run_study(
    store_uri: str,
    study_key: str,
    cells: Sequence[str],
    *,
    workers: int,
    costs: Mapping[str, float],
    watch: Watch,
) -> RunResult:
    """Complete cells of a planned study. One that fails leaves the others running; SIGINT and SIGTERM end all.

    Args:
        store_uri: Where the study was planned.
        study_key: Its key.
        cells: Keys of the cells.
        workers: Cells side by side.
        costs: Each cell's estimated cost in any unit; the dearest start first.
        watch: Who is told what happens.

    Raises:
        StoreError: Another run holds the study, or the store has no such study.
    """
    store = open_store(store_uri)
    record = read_record(store, study_key)
    left = incomplete(store, record, cells)
    if not left:
        return RunResult(complete=tuple(cells))
    with store.lock(study_key):
        left = incomplete(store, record, cells)  # the run that held the lock before may have done some
        ordered = sorted(left, key=lambda cell: -costs[cell])
        return _run(store, study_key, cells, ordered, workers, costs, watch)


def incomplete(store: Store, record: StudyRecord, cells: Sequence[str]) -> list[str]:
    """Those of the cells without complete scores, or without weights that the study wants kept; in the same order."""
    keys = {cell.key: record.evaluation_key(cell) for cell in record.grid.cells}
    complete = store.manifests(keys[cell] for cell in cells)
    return [
        cell for cell in cells if keys[cell] not in complete or wants_weights(store, record, record.grid.cell(cell))
    ]


def run_cell(store_uri: str, study_key: str, cell_key: str) -> dict[str, float]:
    """All steps of one cell in this process; returns the seconds of each. Raises the failing step's own error."""
    from clt.data import mix

    store = open_store(store_uri)
    record = read_record(store, study_key)
    job = partial(JobSpec, store=store_uri, study_key=study_key, cell_key=cell_key)
    steps = {
        "mixing": lambda: mix(store, study_key, cell_key),
        "training": lambda: run_job(job(kind="training")),
        "evaluation": lambda: run_job(job(kind="evaluation")),
    }
    seconds = {}
    with store.track(record.evaluation_key(record.grid.cell(cell_key)), study=study_key, cell=cell_key):
        for name, step in steps.items():
            start = time.monotonic()
            step()
            seconds[name] = time.monotonic() - start
    return seconds


class _Results:
    """Collects outcomes and passes them on to the view."""

    def __init__(self, shown: Watcher) -> None:
        self._shown = shown
        self.outcomes: list[Outcome] = []

    def waiting(self, what: str) -> None:
        self._shown.waiting(what)

    def started(self, name: str) -> None:
        self._shown.started(name)

    def ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._shown.ended(outcome)


def _run(
    store: Store,
    study_key: str,
    cells: Sequence[str],
    left: Sequence[str],
    workers: int,
    costs: Mapping[str, float],
    watch: Watch,
) -> RunResult:
    workers = max(1, min(workers, len(left)))
    logs = store.folder / "logs" / study_key
    start = time.monotonic()
    with watch({cell: costs[cell] for cell in left}, workers) as shown:
        results = _Results(shown)
        task = partial(run_cell, store.uri, study_key)
        stopped_by = run_tasks(task, left, workers=workers, logs=logs, watcher=results, preload=PRELOAD)
    ended = {outcome.name for outcome in results.outcomes}
    return RunResult(
        complete=tuple(cell for cell in cells if cell not in left),
        done={outcome.name: outcome.value for outcome in results.outcomes if not outcome.error},
        failed={outcome.name: outcome.error for outcome in results.outcomes if outcome.error},
        left=tuple(cell for cell in left if cell not in ended),
        stopped_by=stopped_by,
        workers=workers,
        seconds=time.monotonic() - start,
    )
