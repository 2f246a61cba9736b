"""How a run ends: which of its cells are complete, and what became of the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from clt.cluster.jobs.installation import from_environment
from clt.cluster.runs.note import read_note
from clt.cluster.runs.retry import run_key, step_key
from clt.errors import CellFailure
from clt.store import State, Store, open_store, read_record
from clt.study import StudyRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    cell: str
    state: State

    def __str__(self) -> str:
        return f"{self.cell}: {self.state.state}" + (f": {_last_line(self.state.error)}" if self.state.error else "")


def planned_study(store_uri: str, run: str) -> str:
    """The study that this run planned.

    Args:
        store_uri: The store's uri.
        run: The run's id.

    Returns:
        The study's key.

    Raises:
        CellFailure: The plan did not complete; with its error.
    """
    store = open_store(store_uri)
    note = read_note(store, run)
    if note is None:
        raise CellFailure(f"the plan did not complete, so there is nothing to compute: {_plan_error(store, run)}")
    return note.study_key


def require_complete(store_uri: str, run: str) -> None:
    """Fail if a cell of this run has no scores.

    Args:
        store_uri: The store's uri.
        run: The run's id; its plan has completed.

    Raises:
        CellFailure: Names every such cell, with its own error.
    """
    store = open_store(store_uri)
    note = read_note(store, run)
    assert note is not None, "the caller has read the run's study from it"
    states = cell_states(store, read_record(store, note.study_key))
    taken = note.cells
    missing = [Unfinished(cell=cell, state=states[cell]) for cell in taken if states[cell].state != "done"]
    if missing:
        raise CellFailure(
            f"{len(missing)} of this run's {len(taken)} cells have no scores:\n"
            + "\n".join(f"  {cell}" for cell in missing)
            + "\nthe report holds the others; run the pipeline again with the same study and store to resume"
        )


def cell_states(store: Store, record: StudyRecord, before: Mapping[str, State] | None = None) -> dict[str, State]:
    """What became of every cell of a study.

    Args:
        store: Where its scores go.
        record: The planned study.
        before: What was found before: cells that were done then are not asked for again.

    Returns:
        The state of each cell, by its key.
    """
    known = {cell: state for cell, state in (before or {}).items() if state.state == "done"}
    keys = {cell.key: record.evaluation_key(cell) for cell in record.grid.cells}
    found = store.states(key for cell, key in keys.items() if cell not in known)
    return {cell: known.get(cell) or found[key] for cell, key in keys.items()}


def ended_key(note_key: str) -> str:
    """What is in the store once the exit task of the run with this note has run."""
    return f"{note_key}/ended"


def finalize_run(store_uri: str, run: str) -> str:
    """End a run, whatever happened in it; again is harmless.

    Jobs that the run left in the cluster are deleted, before anything that may fail; then others can see in the store
    that it has ended. What a dead writer left in the store is invisible to readers and removed by the next writer.

    Args:
        store_uri: The store's uri.
        run: The run's id.

    Returns:
        A text for its log: the deleted jobs, and the state of each of its cells.
    """
    deleted = _delete_jobs(run)
    store = open_store(store_uri)
    with store.writer(ended_key(run_key(run))):
        pass
    lines = [f"job {name} was left by this run: deleted" for name in deleted]
    note = read_note(store, run)
    if note is None:
        reason = f"the plan did not complete, so no cell was started: {_plan_error(store, run)}"
        return "\n".join([*lines, f"run {run}: {reason}"])
    states = cell_states(store, read_record(store, note.study_key))
    cells = [f"  {Unfinished(cell=cell, state=states[cell])}" for cell in note.cells]
    done = sum(states[cell].state == "done" for cell in note.cells)
    return "\n".join([*lines, f"run {run} of {note.study_key}: {done} of {len(cells)} cells complete", *cells])


def _delete_jobs(run: str) -> list[str]:
    """Names of the run's jobs that were still in the cluster, deleted now; where no jobs are launched, none are."""
    if from_environment() is None:
        return []
    from clt.cluster.jobs.cluster import Cluster
    from clt.cluster.jobs.orphaned_jobs import delete_jobs, find_jobs

    cluster = Cluster.connect()
    jobs = find_jobs(cluster, run=run)
    delete_jobs(cluster, jobs)
    return [job.name for job in jobs]


def _plan_error(store: Store, run: str) -> str:
    state = store.state(step_key(run, "plan"))
    return _last_line(state.error) if state.error else "its own log names the error"


def _last_line(error: str) -> str:
    """A bug's state holds its traceback, whose last line names it; a user error is kept whole."""
    return error.strip().splitlines()[-1] if error.startswith("Traceback") else error
