"""What became of every cell of a study, and how long the rest will take, from the store alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from clt.store import EvaluationMetadata, State, Store, TrainingMetadata
from clt.study import Cell, StudyRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class CellStatus:
    cell: Cell
    state: State  # done, running, failed (with the error), interrupted or missing
    seconds: float | None = None  # of training and evaluation, where it is done and its manifests say
    progress: str = ""  # of a training that runs as a job on a cluster


def status(store: Store, record: StudyRecord) -> list[CellStatus]:
    """Every cell of the study, in the grid's order."""
    return [_cell_status(store, record, cell) for cell in record.grid.cells]


def seconds_left(cells: list[CellStatus], costs: Mapping[str, float], workers: int) -> float | None:
    """Wall time until the other cells are done, from the finished cells' seconds per cost.

    Args:
        cells: From `status`. Running cells count as not begun.
        costs: Each cell's estimated cost by key, in any unit.
        workers: Cells side by side.

    Returns:
        Seconds; None if no cell is finished.
    """
    finished = [(costs[each.cell.key], each.seconds) for each in cells if each.seconds is not None]
    cost = sum(cost for cost, _ in finished)
    if not cost:
        return None
    rate = sum(seconds for _, seconds in finished) / cost
    left = [costs[each.cell.key] * rate for each in cells if each.state.state != "done"]
    return max([sum(left) / workers, *left], default=0.0)


def _cell_status(store: Store, record: StudyRecord, cell: Cell) -> CellStatus:
    state = store.state(record.evaluation_key(cell))
    if state.state != "done":
        return CellStatus(cell=cell, state=state, progress=_progress(store, record, cell))
    return CellStatus(cell=cell, state=state, seconds=_seconds(store, record, cell))


def _seconds(store: Store, record: StudyRecord, cell: Cell) -> float | None:
    """Of evaluation and training; None unless the manifests of both say."""
    evaluation = EvaluationMetadata.read(store, record.evaluation_key(cell))
    if evaluation is None or evaluation.seconds is None or cell.is_base:
        return None if evaluation is None else evaluation.seconds
    training = TrainingMetadata.read(store, record.training_key(cell))
    return None if training is None or training.seconds is None else evaluation.seconds + training.seconds


def _progress(store: Store, record: StudyRecord, cell: Cell) -> str:
    training = None if cell.is_base else store.state(record.training_key(cell))
    if training is None or training.state != "running" or "step" not in training.facts:
        return ""
    return "step {step} of {steps}, loss {loss:.4f}, {tokens_per_second:,.0f} tokens/s".format(**training.facts)
