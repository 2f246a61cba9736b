"""The order: no cell twice, never more than the hours, the better of equal cells by the hour first."""

import numpy as np
import pytest

from clt.next_cells.arms import arms_of
from clt.next_cells.belief import Belief, Noise, Observations
from clt.next_cells.curves import curves_of
from clt.next_cells.objectives import Regret
from clt.next_cells.ordering import SMALLEST, Order, Problem, choose
from tests.next_cells.finished_cells import record_of

NOISE = {"math": Noise(run=0.01, items=0.004), "news": Noise(run=0.01, items=0.004)}


def ordered(hours: float, dear: str = "large", done: tuple[str, ...] = ()) -> tuple[Order, Problem]:
    """Cells take an hour each, those of one model ten."""
    record = record_of()
    curves = curves_of(record.grid)
    arms = arms_of(record, curves)
    problem = Problem(arms=arms, curves=curves, noise=NOISE, hours=lambda key: 10.0 if dear in key else 1.0)
    belief = Belief.of(arms, NOISE, Observations(np.zeros(0, dtype=int), np.zeros(0)))
    worth, allowed = np.full(len(arms.decisions), 0.25), np.ones(len(arms.arms), dtype=bool)
    return choose(problem, belief, Regret(arms, belief, worth, allowed, []), done, hours), problem


@pytest.mark.parametrize("hours", [2.0, 7.5, 60.0])
def test_the_hours_are_kept_and_no_cell_comes_twice(hours: float) -> None:
    order, problem = ordered(hours)
    cells = [cell for choice in order.choices for cell in choice.candidate.cells]
    assert len(set(cells)) == len(cells)
    assert sum(problem.hours(cell) for cell in cells) <= hours
    assert all(choice.gain >= SMALLEST for choice in order.choices)


def test_the_cheaper_of_two_models_that_nothing_is_known_of_comes_first() -> None:
    for dear in ("large", "small"):
        order, problem = ordered(100.0, dear)
        models = [problem.curves[choice.candidate.curve].model for choice in order.choices]
        assert models[0] != dear


def test_the_first_cells_are_english_only_training_and_an_n() -> None:
    order, problem = ordered(2.0)
    (choice,) = order.choices
    curve = problem.curves[choice.candidate.curve]
    assert choice.candidate.cells[0] == curve.cells[0, 0] and len(choice.candidate.cells) == 2


def test_what_was_chosen_narrows_what_is_believed() -> None:
    order, _ = ordered(30.0)
    assert all((choice.variance_after < choice.variance_before).all() for choice in order.choices)


def test_an_order_is_the_same_again() -> None:
    first, again = ordered(30.0)[0], ordered(30.0)[0]
    assert [choice.candidate for choice in first.choices] == [choice.candidate for choice in again.choices]
