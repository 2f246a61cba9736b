"""How much the rises of two mixtures have to do with each other, before anything is known of either.

A curve over n is a Gaussian process in x = log(1 + n), and its rise is the difference to its value at n = 0:

    cov(rise(a), rise(b)) = s_a s_b C(a, b) (r(x_a - x_b) - r(x_a) - r(x_b) + 1)

with the Matern correlation r of order 3/2 (Rasmussen and Williams 2006, Gaussian Processes for Machine Learning,
equation 4.17): both are 0 at n = 0, and nearby n rise together. s is the task's. C is a product over model, setting,
task and mixture: for each of them one number where the two differ, and 1 where they do not (the exchangeable
correlation of qualitative factors: Qian, Wu and Wu 2008, Technometrics 50). Two mixtures are the more alike the more of
their rows are of the same languages, by the cosine of their shares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from clt.next_cells.arms import Arm

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations:
    """The free numbers of the kernel; the defaults hold where nothing was run."""

    sd: Mapping[str, float]  # task to s, on the link scale
    length: float = 4.0  # of r, in units of log(1 + n): n = 50 is one such length from n = 0
    model: float = 0.6
    setting: float = 0.6
    task: float = 0.3
    mixture: float = 0.9  # the script ablations of the paper end within 2 points of its whole mixture


@dataclass(frozen=True, slots=True)
class Likeness:
    """What some arms have in common, whatever the kernel's numbers are; square arrays are (arms, arms)."""

    tasks: tuple[str, ...]
    same_model: Array  # bool
    same_setting: Array
    same_task: Array
    cosine: Array  # of the shares of languages
    x: Array  # log(1 + n) (arms,)

    @classmethod
    def of(cls, arms: Sequence[Arm]) -> Self:
        models, settings, tasks = zip(*(arm.decision for arm in arms), strict=True)
        x = np.log1p([float(arm.samples_per_language) for arm in arms])
        return cls(tasks, _same(models), _same(settings), _same(tasks), _cosines(arms), x)

    def covariance(self, known: Correlations) -> Array:
        """Of the rises (arms, arms), on the link scale."""
        alike = known.mixture + (1 - known.mixture) * self.cosine
        alike *= np.where(self.same_model, 1.0, known.model)
        alike *= np.where(self.same_setting, 1.0, known.setting)
        alike *= np.where(self.same_task, 1.0, known.task)
        from_zero = _matern(self.x / known.length)
        curve = _matern((self.x[:, None] - self.x) / known.length) - from_zero[:, None] - from_zero + 1
        sd = np.array([known.sd[task] for task in self.tasks])
        return np.asarray(sd[:, None] * sd * alike * curve)


def _same(names: Sequence[str]) -> Array:
    codes = np.unique(names, return_inverse=True)[1]
    return np.equal.outer(codes, codes)


def _cosines(arms: Sequence[Arm]) -> Array:
    languages = sorted({code for arm in arms for code, _ in arm.other_rows})
    rows = np.array([[dict(arm.other_rows).get(code, 0) for code in languages] for arm in arms], dtype=float)
    shares = rows / np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.asarray(shares @ shares.T)


def _matern(distance: Array) -> Array:
    scaled = np.sqrt(3) * np.abs(distance)
    return np.asarray((1 + scaled) * np.exp(-scaled))
