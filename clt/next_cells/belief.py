"""What is believed of every arm: a joint normal distribution of rises and of what runs would show.

A run of an arm shows `shown` = level + rise + items, and the run's own noise on top: the level is its English-only
training's, of which nothing is assumed; `items` is what these test items make of the arm, which a further seed shows
again. Rises are a Gaussian process (kernel.py). Its free numbers are those of a small grid under which the scores are
likeliest, one number after the other; with no scores they stay as they are (Rasmussen and Williams 2006, section 5.4).
Few scores would choose extremes, such as no rise anywhere after one that was small: standard deviations and the length
have a log-normal prior around where they start, a factor of 2 wide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from clt.next_cells.arms import Arms
from clt.next_cells.kernel import Correlations, Likeness

LEVEL_VARIANCE = 4.0  # of English-only training, on the link scale around the middle: from 0.02 to 0.98 of the range
SDS = (0.15, 0.25, 0.4, 0.6, 1.0)  # from barely more than runs differ by to what the paper's maths rise by
GRID: dict[str, tuple[float, ...]] = {
    "length": (2.0, 4.0, 8.0),
    "model": (0.3, 0.6, 0.9),
    "setting": (0.3, 0.6, 0.9),
    "task": (0.1, 0.3, 0.6),
    "mixture": (0.6, 0.9, 0.97),
}
DEFAULT_SD = 0.4
ROUNDS = 2  # over all numbers; a third changes nothing in the paper's tables
DIGITS = 6  # of a misfit: of two that differ by rounding the first stays
RIDGE = 1e-9
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Variances of one task on the link scale (see clt.statistics.TargetScores)."""

    run: float
    items: float
    unit: float = 1.0  # of rises: 1 on a logit scale; on a log scale, of losses, they are a quarter as large


@dataclass(frozen=True, slots=True)
class Observations:
    """Runs: the position of what each measured (see `Arms.measured_by`), and its value on the link scale."""

    positions: Array  # (runs,)
    values: Array  # (runs,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Mean and covariance over rises (arms,), then what runs would show, noise aside (arms + bases,)."""

    arms: int
    mean: Array
    covariance: Array

    @classmethod
    def of(cls, arms: Arms, noise: Mapping[str, Noise], observed: Observations) -> Self:
        """The belief after some runs, with the likeliest correlations."""
        prior = cls._prior(arms, noise, likeliest(arms, noise, observed))
        run_noise = np.array([noise[arms.task(int(position))].run for position in observed.positions])
        return prior.after(observed.positions, observed.values, run_noise)

    @classmethod
    def _prior(cls, arms: Arms, noise: Mapping[str, Noise], known: Correlations) -> Self:
        count, every = len(arms.arms), len(arms.arms) + len(arms.bases)
        rises = np.zeros((every, every))
        rises[:count, :count] = Likeness.of(arms.arms).covariance(known)
        shown = rises + _beside_rises(arms, noise, range(every))
        covariance = np.block([[rises[:count, :count], rises[:count]], [rises[:, :count], shown]])
        return cls(arms=count, mean=np.zeros(len(covariance)), covariance=covariance)

    @property
    def rises(self) -> Array:
        return self.mean[: self.arms]

    @property
    def rise_covariance(self) -> Array:
        return self.covariance[: self.arms, : self.arms]

    def shift(self, positions: Array, run_noise: Array) -> Array:
        """By how much runs move the means, for independent standard normal surprises; axes (state, runs).

        Args:
            positions: What the runs measure (runs,).
            run_noise: Their variances (runs,).
        """
        at = self.arms + np.asarray(positions, dtype=int)
        joint = self.covariance[np.ix_(at, at)] + np.diag(run_noise + RIDGE)
        root = np.linalg.cholesky(joint)
        # not by a triangular solver: for one or two runs it spends its time on starting threads
        return np.asarray(self.covariance[:, at] @ np.linalg.inv(root).T)

    def after(self, positions: Array, values: Array, run_noise: Array) -> Self:
        """The belief once some runs have shown their values (runs,)."""
        if not len(positions):
            return self
        at = self.arms + np.asarray(positions, dtype=int)
        joint = self.covariance[np.ix_(at, at)] + np.diag(run_noise + RIDGE)
        mean = self.mean + self.covariance[:, at] @ np.linalg.solve(joint, values - self.mean[at])
        return replace(self, mean=mean, covariance=self.less(self.shift(positions, run_noise)).covariance)

    def less(self, shift: Array) -> Self:
        """The belief once some runs are known, whatever they show: the means stay."""
        return replace(self, covariance=self.covariance - shift @ shift.T)


def likeliest(arms: Arms, noise: Mapping[str, Noise], observed: Observations) -> Correlations:
    """The numbers of the kernel that are likeliest after the observations, one after the other."""
    tasks = dict.fromkeys(decision[2] for decision in arms.decisions)
    known = Correlations(sd={task: DEFAULT_SD * noise[task].unit for task in tasks})
    positions = [int(position) for position in observed.positions]
    is_arm = np.array([position < len(arms.arms) for position in positions], dtype=bool)
    if not is_arm.any():
        return known
    trained = Likeness.of([arms.arms[position] for position in positions if position < len(arms.arms)])
    rest = _beside_rises(arms, noise, positions)
    rest += np.diag([noise[arms.task(position)].run for position in positions])

    start = known

    def misfit(candidate: Correlations) -> float:
        covariance = rest.copy()
        covariance[np.ix_(is_arm, is_arm)] += trained.covariance(candidate)
        root = np.linalg.cholesky(covariance)
        scaled = np.linalg.solve(root, observed.values)
        factors = [candidate.length / start.length, *(candidate.sd[task] / start.sd[task] for task in start.sd)]
        prior = (np.log2(factors) ** 2).sum() / 2
        return round(float((scaled**2).sum() / 2 + np.log(np.diag(root)).sum() + prior), DIGITS)

    for _ in range(ROUNDS):
        for task in known.sd:
            options = (known.sd[task], *(sd * noise[task].unit for sd in SDS))
            known = min((replace(known, sd={**known.sd, task: sd}) for sd in options), key=misfit)
        for name, values in GRID.items():
            chosen = (getattr(known, name), *values)  # the first of equals stays
            known = min((replace(known, **{name: value}) for value in chosen), key=misfit)
    return known


def _beside_rises(arms: Arms, noise: Mapping[str, Noise], positions: Sequence[int]) -> Array:
    """Covariance of level and items: of one English-only training the level, of one arm or base the items."""
    bases = [
        arms.arms[position].base if position < len(arms.arms) else position - len(arms.arms) for position in positions
    ]
    items = np.array([noise[arms.task(position)].items for position in positions])
    return LEVEL_VARIANCE * np.equal.outer(bases, bases) + items * np.equal.outer(positions, positions)
