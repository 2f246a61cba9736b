"""From a study and its store to what to run next."""

import numpy as np

from clt.errors import UserError
from clt.next_cells.belief import Belief
from clt.next_cells.candidates import candidates
from clt.next_cells.objectives import Objective, Regret, Width
from clt.next_cells.ordering import Problem, choose
from clt.next_cells.proposal import Proposal
from clt.next_cells.request import NextRequest
from clt.next_cells.situation import Situation, hours_of, situation_of
from clt.next_cells.wording import base_note, expectations, next_step, statement
from clt.store import Store
from clt.study import Study

Array = np.ndarray


def propose(store: Store, study: Study, request: NextRequest, file: str = "STUDY.yaml") -> Proposal:
    """The cells of a study, or beside its grid, that are expected to be worth most for their hours.

    Args:
        store: Where its cells are.
        study: With resolved paths.
        request: Hours, and what for.
        file: What messages call the study.

    Raises:
        UserError: Fewer hours than the cheapest cells take, nothing to compare, an unknown target or claim.
        StudyError, DataError: As `clt plan`.
    """
    now = situation_of(store, study, request, file)
    hours, unit = hours_of(now.wide)
    problem = Problem(arms=now.arms, curves=now.curves, noise=now.noise, hours=hours)
    _check_hours(problem, now, request, unit)
    belief, worth = Belief.of(now.arms, now.noise, now.observed), now.worth()
    objective = _regret(now, belief, worth, request) if now.claimed is None else _width(now, belief, worth, request)
    open_now, about = objective.open(belief), objective.about(belief)
    order = choose(problem, belief, objective, now.stored.done, request.hours)
    expected = expectations(now.arms, about, open_now, order)
    return Proposal(
        study=study.name,
        store=store.uri,
        objective=objective.name,
        unit=unit,
        hours=request.hours,
        spent=sum(choice.hours for choice in order.choices),
        steps=tuple(next_step(choice, problem, now.record, worth, objective.name) for choice in order.choices),
        expectations=expected,
        statement=statement(objective.name, expected, order, unit),
        notes=(*now.notes, *base_note(now.stored.bases_to_do, hours, unit)),
        extended=now.wide,
        done=now.stored.done,
    )


def _check_hours(problem: Problem, now: Situation, request: NextRequest, unit: str) -> None:
    cheapest = min(candidates(problem.curves, now.stored.done), key=problem.cost, default=None)
    if cheapest is not None and (cost := problem.cost(cheapest)) > request.hours:
        raise UserError(
            f"--gpu-hours: got {request.hours:g}, expected at least {cost:.3g}: the cheapest that can be run next, "
            f"{' with '.join(cheapest.cells)}, takes that many {unit}"
        )


def _regret(now: Situation, belief: Belief, worth: Array, request: NextRequest) -> Objective:
    rows = np.array([arm.rows for arm in now.arms.arms])
    allowed = np.ones(len(rows), dtype=bool) if request.budget is None else rows <= request.budget
    if not allowed.any():
        raise UserError(f"--budget: got {request.budget}, expected at least {rows.min()}: the smallest mixture's rows")
    return Regret(now.arms, belief, worth, allowed, now.measured)


def _width(now: Situation, belief: Belief, worth: Array, request: NextRequest) -> Objective:
    assert request.claim is not None and now.claimed is not None
    curve, task = now.claimed
    sizes = [n for n in curve.sample_sizes if n > 0]
    n = request.claim.n or max(sizes, default=0)
    if n not in sizes:
        known = ", ".join(map(str, sizes)) or "none: it has n = 0 alone"
        raise UserError(f"--claim: n: got {n}, expected one of {known}")
    positions = now.arms.measured_by[curve.cells[n, curve.seeds[0]]]
    arm = next(at for at in positions if now.arms.task(at) == task)
    decision = now.arms.decisions.index(now.arms.arms[arm].decision)
    return Width(
        arm=arm,
        decision=decision,
        decisions=len(worth),
        worth=float(worth[decision]),
        variance=float(belief.rise_covariance[arm, arm]),
    )
