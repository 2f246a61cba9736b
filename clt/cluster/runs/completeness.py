"""Which cells of a run have their scores, and what became of the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from clt.cluster.runs.note import RunNote, read_note
from clt.cluster.runs.step import run_step, step_key
from clt.errors import CellFailure
from clt.store import State, Store, open_store, read_record
from clt.study import StudyRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class CellOutcome:
    """A cell of a run, and its state in a line."""

    cell: str
    state: State

    def __str__(self) -> str:
        return f"{self.cell}: {self.state.state}" + (f": {self.state.reason}" if self.state.error else "")


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
    return require_note(open_store(store_uri), run).study_key


def require_complete(store_uri: str, run: str) -> None:
    """Fail if a cell of this run has no scores.

    Args:
        store_uri: The store's uri.
        run: The run's id.

    Raises:
        CellFailure: Names every such cell, with its own error; or the plan did not complete.
    """

    def require(store: Store) -> None:
        cells = cell_outcomes(store, require_note(store, run))
        missing = [cell for cell in cells if cell.state.state != "done"]
        if missing:
            raise CellFailure(
                f"{len(missing)} of this run's {len(cells)} cells have no scores:\n"
                + "\n".join(f"  {cell}" for cell in missing)
                + "\nthe report holds the others; run the pipeline again with the same study and store to resume"
            )

    run_step(store_uri, run, "require_complete", require)


def require_note(store: Store, run: str) -> RunNote:
    """The run's note; CellFailure with the plan's error if it did not complete."""
    note = read_note(store, run)
    if note is None:
        raise CellFailure(f"the plan did not complete, so there is nothing to compute: {plan_error(store, run)}")
    return note


def cell_outcomes(store: Store, note: RunNote) -> list[CellOutcome]:
    """What became of every cell that a run takes, in the order of its loop."""
    states = cell_states(store, read_record(store, note.study_key))
    return [CellOutcome(cell=cell, state=states[cell]) for cell in note.cells]


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


def plan_error(store: Store, run: str) -> str:
    """Why the plan of a run did not complete, as far as the store knows."""
    steps = (store.state(step_key(run, step)) for step in ("plan", "await_runs"))
    return next((state.reason for state in steps if state.error), "its own log names the error")
