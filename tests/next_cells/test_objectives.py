"""What cells are worth: the closed form where there is one, and nothing where nothing can change."""

import numpy as np
import pytest
from scipy.stats import norm

from clt.next_cells.arms import Arms, arms_of
from clt.next_cells.belief import Belief, Noise, Observations
from clt.next_cells.curves import curves_of
from clt.next_cells.objectives import Regret, Width, Z
from tests.next_cells.finished_cells import record_of

NOISE = {"math": Noise(run=0.01, items=0.004), "news": Noise(run=0.02, items=0.002)}


@pytest.fixture(scope="module")
def arms() -> Arms:
    record = record_of()
    return arms_of(record, curves_of(record.grid))


@pytest.fixture(scope="module")
def belief(arms: Arms) -> Belief:
    """Of one model and task n = 1000 and English-only training were run."""
    at = next(at for at, arm in enumerate(arms.arms) if arm.samples_per_language == 1000)
    positions = np.array([at, len(arms.arms) + arms.arms[at].base])
    return Belief.of(arms, NOISE, Observations(positions, np.array([0.3, 0.0])))


def regret(arms: Arms, belief: Belief, measured: list[int], allowed: np.ndarray | None = None) -> Regret:
    everything = np.ones(len(arms.arms), dtype=bool)
    return Regret(arms, belief, np.ones(len(arms.decisions)), everything if allowed is None else allowed, measured)


def shift_of(arms: Arms, belief: Belief, at: int) -> np.ndarray:
    """That of an arm with its English-only training."""
    positions = np.array([at, len(arms.arms) + arms.arms[at].base])
    return belief.shift(positions, np.full(2, 0.01))


def test_the_first_mixture_is_worth_its_expected_improvement(arms: Arms, belief: Belief) -> None:
    """E max(0, normal) = mean Phi(mean / sd) + sd phi(mean / sd) (Jones, Schonlau and Welch 1998, equation 15)."""
    at, decision = 1, arms.decisions.index(arms.arms[1].decision)
    shift = shift_of(arms, belief, at)
    mean, sd = belief.rises[at], np.sqrt((shift[at] ** 2).sum())
    expected = mean * norm.cdf(mean / sd) + sd * norm.pdf(mean / sd)
    gains = regret(arms, belief, []).gains(shift, [at])
    assert gains[decision] == pytest.approx(expected, rel=0.03)


def test_what_tells_nothing_is_worth_nothing(arms: Arms, belief: Belief) -> None:
    gains = regret(arms, belief, [0]).gains(np.zeros((len(belief.mean), 1)), [])
    assert np.abs(gains).max() == 0


def test_a_batch_is_worth_the_sum_of_what_each_part_adds(arms: Arms, belief: Belief) -> None:
    objective, before = regret(arms, belief, []), regret(arms, belief, []).value.copy()
    shift = shift_of(arms, belief, 1)
    gains = objective.gains(shift, [1])
    objective.accept(shift, [1])
    assert np.allclose(objective.value, before + gains)


def test_a_mixture_beyond_the_budget_is_never_recommended(arms: Arms, belief: Belief) -> None:
    allowed = np.array([arm.samples_per_language < 1000 for arm in arms.arms])
    largest = next(at for at, arm in enumerate(arms.arms) if arm.samples_per_language == 1000)
    objective = regret(arms, belief, [largest], allowed)
    assert (objective.value == 0).all()
    assert set(objective.about(belief).values()) == {None}


def test_regret_is_open_until_all_is_known(arms: Arms, belief: Belief) -> None:
    open_now = regret(arms, belief, []).open(belief)
    assert (open_now > 0).all()
    known = Belief(arms=belief.arms, mean=belief.mean, covariance=np.zeros_like(belief.covariance))
    every = regret(arms, known, list(range(len(arms.arms))))
    assert np.abs(every.open(known)).max() < 1e-3


def test_the_width_of_a_claim_falls_by_what_the_belief_says(arms: Arms, belief: Belief) -> None:
    shift = shift_of(arms, belief, 1)
    before, after = belief.rise_covariance[1, 1], belief.less(shift).rise_covariance[1, 1]
    width = Width(arm=1, decision=0, decisions=len(arms.decisions), worth=0.5, variance=float(before))
    assert width.gains(shift, [1])[0] == pytest.approx(Z * (np.sqrt(before) - np.sqrt(after)))
    width.accept(shift, [1])
    assert width.variance == pytest.approx(after)
