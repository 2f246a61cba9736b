"""What cells are run for: a smaller regret of the recommendations, or a narrower interval of one claim.

The report recommends among mixtures that were run. The regret of a recommendation is what the best mixture of all
would be better by, and what some cells are worth is by how much they raise the expected improvement of what is
recommended after them: the knowledge gradient with correlated beliefs (Frazier, Powell and Dayanik 2009, INFORMS
Journal on Computing 21), among what was run (Scott, Frazier and Powell 2011, SIAM Journal on Optimization 21), of a
batch (Wu and Frazier 2016, arXiv 1606.04414). In health economics it is the expected value of sample information.
Expectations are means over stratified normal draws, the same for all candidates, so that their order is not noise.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from clt.next_cells.arms import Arms
from clt.next_cells.belief import Belief

DRAWS = 512
REGRET_DRAWS = 2000
RIDGE = 1e-9
LEVEL = 0.95  # of intervals
Z = float(ndtri(0.5 + LEVEL / 2))
Array = np.ndarray


class Objective(Protocol):
    """What the cells that were chosen so far are worth, and what more would add."""

    @property
    def name(self) -> str: ...

    def open(self, belief: Belief) -> Array:
        """What is open of each decision before anything is chosen (decisions,), as shares of the metric's range."""
        ...

    def about(self, belief: Belief) -> dict[int, int | None]:
        """The decisions that it is about, each with the arm that is spoken of; None: English-only training."""
        ...

    def gains(self, shift: Array, measured: Collection[int]) -> Array:
        """What further cells add to each decision (decisions,), as shares of the metric's range.

        Args:
            shift: See `Belief.shift`.
            measured: Positions of the arms that they measure.
        """
        ...

    def accept(self, shift: Array, measured: Collection[int]) -> None:
        """They are chosen."""
        ...


class Regret:
    """The expected improvement of what is recommended for every decision."""

    name = "regret"

    def __init__(self, arms: Arms, belief: Belief, worth: Array, allowed: Array, measured: Collection[int]):
        """
        Args:
            arms: Of all that may be run.
            belief: Of what was run.
            worth: Share of the metric's range for one unit of the link scale (decisions,).
            allowed: Whether an arm may be recommended (arms,): the budget of rows.
            measured: Positions of the arms that were run, with their English-only training.
        """
        self.worth, self._allowed = worth, allowed
        self._decision = np.array([arms.decisions.index(arm.decision) for arm in arms.arms])
        self._run = np.zeros(len(arms.arms), dtype=bool)
        self._run[list(measured)] = True
        self._means = np.tile(belief.rises, (DRAWS, 1))  # of the rises after the chosen cells, a row a draw
        self._step = 0
        self.value = self._settled()

    def gains(self, shift: Array, measured: Collection[int]) -> Array:
        columns = self._columns(measured)
        means = self._means[:, columns] + self._draws(shift) @ shift[columns].T
        return self._value(columns, means) - self.value

    def accept(self, shift: Array, measured: Collection[int]) -> None:
        self._means = self._means + self._draws(shift) @ shift[: len(self._run)].T
        self._run[list(measured)] = True
        self._step += 1
        self.value = self._settled()

    def open(self, belief: Belief) -> Array:
        """The expected regret of each recommendation."""
        regrets = np.zeros(len(self.worth))
        for decision in range(len(regrets)):
            where = np.flatnonzero((self._decision == decision) & self._allowed)
            covariance = belief.rise_covariance[np.ix_(where, where)] + RIDGE * np.eye(len(where))
            normal = np.random.default_rng(decision).standard_normal((REGRET_DRAWS, len(where)))
            draws = belief.rises[where] + normal @ np.linalg.cholesky(covariance).T
            best = np.maximum(draws.max(axis=1, initial=0.0), 0.0).mean()
            regrets[decision] = max(float(best) * self.worth[decision] - self.value[decision], 0.0)
        return regrets

    def about(self, belief: Belief) -> dict[int, int | None]:
        """Every decision, with what the belief recommends of what was run."""
        chosen: dict[int, int | None] = {}
        for decision in range(len(self.worth)):
            rising = [at for at in self._columns(()) if self._decision[at] == decision and belief.rises[at] > 0]
            chosen[decision] = max(map(int, rising), key=lambda at: float(belief.rises[at]), default=None)
        return chosen

    def _settled(self) -> Array:
        columns = self._columns(())
        return self._value(columns, self._means[:, columns])

    def _columns(self, measured: Collection[int]) -> Array:
        """Arms that can be recommended once some more are measured, those of a decision side by side."""
        run = self._run.copy()
        run[list(measured)] = True
        columns = np.flatnonzero(run & self._allowed)
        return columns[np.argsort(self._decision[columns], kind="stable")]

    def _value(self, columns: Array, means: Array) -> Array:
        """Expected improvement of the best of some arms over English-only training, at least 0, by decision."""
        value = np.zeros(len(self.worth))
        if len(columns):
            decisions, first = np.unique(self._decision[columns], return_index=True)
            best = np.maximum(np.maximum.reduceat(means, first, axis=1), 0.0)
            value[decisions] = best.mean(axis=0) * self.worth[decisions]
        return value

    def _draws(self, shift: Array) -> Array:
        """Standard normal surprises (draws, runs): the same for all candidates of a step."""
        return np.stack([stratified(self._step, run) for run in range(shift.shape[1])], axis=1)


@dataclass
class Width:
    """The width of the interval of one claim: the rise of one arm."""

    arm: int
    decision: int
    decisions: int
    worth: float
    variance: float
    name: str = "width"

    def open(self, belief: Belief) -> Array:
        """The width of the claim's interval."""
        widths = np.zeros(self.decisions)
        widths[self.decision] = self.width(float(belief.rise_covariance[self.arm, self.arm]))
        return widths

    def about(self, belief: Belief) -> dict[int, int | None]:
        return {self.decision: self.arm}

    def gains(self, shift: Array, measured: Collection[int]) -> Array:
        gains = np.zeros(self.decisions)
        gains[self.decision] = self.width(self.variance) - self.width(self._after(shift))
        return gains

    def accept(self, shift: Array, measured: Collection[int]) -> None:
        self.variance = self._after(shift)

    def width(self, variance: float) -> float:
        """Of the 95% interval, as a share of the metric's range."""
        return 2 * Z * float(np.sqrt(variance)) * self.worth

    def _after(self, shift: Array) -> float:
        return max(self.variance - float((shift[self.arm] ** 2).sum()), 0.0)


_kept: dict[tuple[int, int], Array] = {}  # thousands of candidates ask for the same few


def stratified(step: int, run: int) -> Array:
    """The quantiles of a standard normal distribution in an order of their own (draws,)."""
    if (step, run) not in _kept:
        quantiles = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)
        _kept[step, run] = np.random.default_rng((step, run)).permutation(quantiles)
    return _kept[step, run]
