"""Which cells next: again and again those that are worth most for an hour, until the hours are spent.

What is chosen counts as known from then on: its expected observation shrinks the belief's covariance, and further
cells are worth what they add to it. A candidate's worth mostly falls with what was chosen before, so it is computed
again only where it might come first (lazy evaluation: Minoux 1978, in Optimization Techniques, LNCIS 7).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clt.next_cells.arms import Arms
from clt.next_cells.belief import Belief, Noise
from clt.next_cells.candidates import Candidate, candidates
from clt.next_cells.curves import Curve
from clt.next_cells.objectives import Objective

SMALLEST = 1e-4  # of the metric's range: a candidate that is worth less is not worth running
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Chosen cells, in their order."""

    candidate: Candidate
    hours: float
    gains: Array  # by decision, as shares of the metric's range
    measured: tuple[int, ...]  # arms
    variance_before: Array  # of the rises of these arms, on the link scale
    variance_after: Array

    @property
    def gain(self) -> float:
        return float(self.gains.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    choices: tuple[Choice, ...]
    belief: Belief  # once they have run
    considered: int  # candidates at the end that the rest of the hours suffices for
    unaffordable: float | None  # hours of the cheapest that it does not suffice for


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What does not change while cells are chosen."""

    arms: Arms
    curves: Sequence[Curve]
    noise: Mapping[str, Noise]
    hours: Callable[[str], float]  # of a cell

    def cost(self, candidate: Candidate) -> float:
        return sum(self.hours(cell) for cell in candidate.cells)

    def shift(self, belief: Belief, candidate: Candidate) -> Array:
        positions = [at for cell in candidate.cells for at in self.arms.measured_by[cell]]
        run_noise = np.array([self.noise[self.arms.task(at)].run for at in positions])
        return belief.shift(np.array(positions), run_noise)

    def measured(self, candidate: Candidate) -> tuple[int, ...]:
        """The arms that have a run and English-only training once the candidate has run."""
        curve = self.curves[candidate.curve]
        cells = [curve.cells[n, seed] for n in candidate.sample_sizes for seed in candidate.seeds]
        return tuple(dict.fromkeys(at for cell in cells for at in self.arms.measured_by[cell]))


def choose(problem: Problem, belief: Belief, objective: Objective, have: Collection[str], hours: float) -> Order:
    """The cells to run next, the most worth an hour first.

    Args:
        problem: What may be run and at what cost.
        belief: Of what was run.
        objective: What for; it is told of what is chosen.
        have: Keys of the cells that are done.
        hours: That may be spent.
    """
    have, left, last = set(have), hours, dict[Candidate, float]()
    choices: list[Choice] = []
    while True:
        every = list(candidates(problem.curves, have))
        affordable = [each for each in every if problem.cost(each) <= left]
        best = _best(problem, belief, objective, affordable, last)
        if best is None:
            dear = [problem.cost(each) for each in every if problem.cost(each) > left]
            return Order(
                choices=tuple(choices),
                belief=belief,
                considered=len(affordable),
                unaffordable=min(dear, default=None),
            )
        shift = problem.shift(belief, best.candidate)
        objective.accept(shift, best.measured)
        belief = belief.less(shift)
        choices.append(best)
        have.update(best.candidate.cells)
        left -= best.hours


def _best(
    problem: Problem,
    belief: Belief,
    objective: Objective,
    affordable: Sequence[Candidate],
    last: dict[Candidate, float],
) -> Choice | None:
    """The candidate that is worth most an hour, if any is worth running; `last`: when it was looked at last."""
    best, most = None, 0.0
    for candidate in sorted(affordable, key=lambda each: -last.get(each, np.inf)):
        if last.get(candidate, np.inf) <= most:
            break
        choice = _valued(problem, belief, objective, candidate)
        last[candidate] = choice.gain / max(choice.hours, 1e-9) if choice.gain >= SMALLEST else 0.0
        if last[candidate] > most:
            best, most = choice, last[candidate]
    return best


def _valued(problem: Problem, belief: Belief, objective: Objective, candidate: Candidate) -> Choice:
    shift, measured = problem.shift(belief, candidate), problem.measured(candidate)
    before = np.diag(belief.rise_covariance)[list(measured)]
    return Choice(
        candidate=candidate,
        hours=problem.cost(candidate),
        gains=objective.gains(shift, measured),
        measured=measured,
        variance_before=before,
        variance_after=np.maximum(before - (shift[list(measured)] ** 2).sum(axis=1), 0.0),
    )
