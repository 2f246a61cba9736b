"""What became of every cell of a study, and how long the rest will take, from the store alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from clt.errors import StoreError
from clt.store import EvaluationMetadata, Manifest, State, Store, TrainingMetadata
from clt.study import Cell, StudyRecord

_NOTED = {"step", "steps", "loss", "tokens_per_second"}  # by a training that runs as a job


@dataclass(frozen=True, kw_only=True, slots=True)
class CellStatus:
    cell: Cell
    state: State  # done, running, failed (with the error), interrupted or missing
    seconds: float | None = None  # of training and evaluation, where it is done and its manifests say
    progress: str = ""  # of a training that runs as a job on a cluster


def status(store: Store, record: StudyRecord) -> list[CellStatus]:
    """Every cell of the study, in the grid's order; by a few requests, and one or two for each cell that was begun."""
    keys = {cell.key: record.evaluation_key(cell) for cell in record.grid.cells}
    trained = {cell.key: record.training_key(cell) for cell in record.grid.cells if not cell.is_base}
    evaluations = store.manifests(keys.values())
    states = store.states(key for key in keys.values() if key not in evaluations)
    done = {cell for cell, key in keys.items() if key in evaluations}
    trainings = store.manifests(key for cell, key in trained.items() if cell in done)
    under_way = store.states(key for cell, key in trained.items() if cell not in done)
    found = []
    for cell in record.grid.cells:
        training = trained.get(cell.key, "")
        if (evaluation := evaluations.get(keys[cell.key])) is not None:
            found.append(_done(cell, evaluation, trainings.get(training)))
        else:
            progress = _progress(under_way.get(training))
            found.append(CellStatus(cell=cell, state=states[keys[cell.key]], progress=progress))
    return found


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


def _done(cell: Cell, evaluation: Manifest, training: Manifest | None) -> CellStatus:
    try:
        seconds = _seconds(cell, evaluation, training)
    except StoreError as error:
        return CellStatus(cell=cell, state=State(state="failed", error=str(error)))
    return CellStatus(cell=cell, state=State(state="done"), seconds=seconds)


def _seconds(cell: Cell, evaluation: Manifest, training: Manifest | None) -> float | None:
    """Of evaluation and training; None unless the manifests of both say."""
    evaluated = EvaluationMetadata.of(evaluation).seconds
    if cell.is_base or evaluated is None:
        return evaluated
    trained = None if training is None else TrainingMetadata.of(training).seconds
    return None if trained is None else evaluated + trained


def _progress(training: State | None) -> str:
    if training is None or training.state != "running" or not training.facts.keys() >= _NOTED:
        return ""
    return "step {step} of {steps}, loss {loss:.4f}, {tokens_per_second:,.0f} tokens/s".format(**training.facts)
