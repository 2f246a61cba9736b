"""Where a study stands: what may be run, what was run, and what is known of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from clt.errors import UserError
from clt.next_cells.arms import Arms, arms_of
from clt.next_cells.belief import Noise, Observations
from clt.next_cells.curves import Curve, curves_of, extended, reachable
from clt.next_cells.reading import Stored, observations, read_store, record_of
from clt.next_cells.request import NextRequest
from clt.planning import cell_cost
from clt.store import Store
from clt.study import Study, StudyRecord

MOST_ARMS = 1500  # with cells beside the grid; of the grid alone twice as many: the belief is a square of them
Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that a proposal is computed from."""

    record: StudyRecord
    wide: StudyRecord  # with all that may be run
    stored: Stored
    claimed: tuple[Curve, str] | None  # the curve and task of the claim
    curves: Sequence[Curve]
    arms: Arms
    observed: Observations
    noise: dict[str, Noise]
    notes: tuple[str, ...]

    @property
    def measured(self) -> list[int]:
        """Positions of the arms that were run, with their English-only training."""
        seen = {int(position) for position in self.observed.positions}
        count = len(self.arms.arms)
        return [at for at, arm in enumerate(self.arms.arms) if at in seen and count + arm.base in seen]

    def worth(self) -> Array:
        """What one unit of the link scale is worth to each decision, as a share of the range: at the mean of its runs.

        Of a decision without runs at the mean of its task, and of a task without any in the middle of the range.
        """
        worth = []
        for decision in self.arms.decisions:
            own = [self.arms.decision(int(at)) == decision for at in self.observed.positions]
            same = [self.arms.task(int(at)) == decision[2] for at in self.observed.positions]
            values = self.observed.values[own if any(own) else same]
            worth.append(self.stored.scores[decision[2]].points(float(values.mean()) if len(values) else 0.0))
        return np.array(worth)


def situation_of(store: Store, study: Study, request: NextRequest, file: str) -> Situation:
    """Where a study stands in a store. Raises as `propose`."""
    record, notes = record_of(store, study, file)
    claimed = None if request.claim is None else request.claim.curve(curves_of(record.grid))
    if request.claim is None or claimed is None:
        targets = request.targets_by_task(study)
    else:
        targets = {claimed[1]: request.claim.languages(study, *claimed)}
    stored = read_store(store, record, targets)
    for new in dict.fromkeys((request.new, False)):
        wide = extended(record, new=new)
        own = {cell.key for cell in record.grid.cells}
        curves = [
            curve
            for curve in reachable(curves_of(wide.grid), own, stored.done)
            if not targets.keys().isdisjoint(curve.tasks)
        ]
        arms = arms_of(wide, curves, targets)
        if not new or len(arms.arms) <= MOST_ARMS:
            break
        notes = (*notes, f"with cells beside the grid there are {len(arms.arms):,} mixtures: none are considered")
    _check_arms(record, arms)
    noise = {
        task: Noise(run=each.run_variance, items=each.item_variance, unit=each.unit)
        for task, each in stored.scores.items()
    }
    return Situation(
        record=record,
        wide=wide,
        stored=stored,
        claimed=claimed,
        curves=curves,
        arms=arms,
        observed=observations(record, arms, stored.scores),
        noise=noise,
        notes=(*notes, *stored.notes),
    )


def hours_of(record: StudyRecord) -> tuple[Callable[[str], float], str]:
    """What a cell of a record takes, by its key, and the unit: GPU hours, or hours of work where there is no GPU."""
    cells = {cell.key: cell for cell in record.grid.cells}
    of_cell = cache(lambda key: cell_cost(record, cells[key]))
    if any(of_cell(key).gpu_hours > 0 for key in cells):
        return lambda key: of_cell(key).gpu_hours, "GPU hours"
    return lambda key: of_cell(key).seconds / 3600, "hours"


def _check_arms(record: StudyRecord, arms: Arms) -> None:
    if len(arms.arms) > 2 * MOST_ARMS:
        raise UserError(
            f"got {len(arms.arms):,} mixtures to choose from, expected at most {2 * MOST_ARMS:,}, as one belief holds "
            "them all; give a study with fewer models, tasks or mixtures"
        )
    if arms.arms:
        return
    if any(point.samples_per_language == 0 for point in record.grid.points):
        raise UserError("mixtures: got n = 0 alone, expected an n above 0: there is nothing to choose from")
    raise UserError(
        "mixtures: got no n = 0, and without English-only training no improvement can be told; add 0 to "
        "samples_per_language, or leave out --grid-only"
    )
