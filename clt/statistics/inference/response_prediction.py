"""What a fitted response curve says of n beyond those tried: draws of the curve and of a new run on it.

A draw is a shape (by weight), s^2, a and b, and the noise of one new run. Shapes take their share of the draws exactly
(systematic sampling), and the random numbers are the same for every curve: equal fits give equal predictions.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clt.statistics.inference.response_fit import ResponseFit

DRAWS = 4_000
SEED = 0
REACH = 4  # times the largest n: beyond it forms that fit alike say whatever they like
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class ResponseDraws:
    """Draws of one response curve. Axes: (draws,).

    What is asked of an n beyond `REACH` times the largest n raises ValueError.
    """

    fit: ResponseFit
    shape: Array  # index of the shape
    level: Array  # a
    rise: Array  # b
    noise: Array  # of a new run, on the link scale

    def expected(self, n: float) -> Array:
        """The expected score at n, in the metric's unit (draws,)."""
        return self.fit.points.link.score(self._linked(n))

    def new_run(self, n: float) -> Array:
        """The score of one new run at n, on the same test items (draws,)."""
        return self.fit.points.link.score(self._linked(n) + self.noise)

    def improvement(self, start: float, end: float) -> Array:
        """From the expected score at one n to that at another; positive is better (draws,)."""
        return self.fit.points.sign * (self.expected(end) - self.expected(start))

    def improvement_of_run(self, start: float, end: float) -> Array:
        """From the expected score at one n to one new run at another; positive is better (draws,)."""
        return self.fit.points.sign * (self.new_run(end) - self.expected(start))

    def settled_at(self) -> Array:
        """The n with 95% of the way from the smallest n to the asymptote; infinite without one (draws,)."""
        return self.fit.shapes.settled_at(float(self.fit.points.n[0]))[self.shape]

    def _linked(self, n: float) -> Array:
        largest = float(self.fit.points.n[-1])
        if n > REACH * largest * (1 + 1e-9):
            raise ValueError(f"n = {n:g} is beyond {REACH} times the largest n, {largest:g}")
        return np.asarray(self.level + self.rise * self.fit.shapes.bends(np.array([n]))[0, self.shape])


def draw_responses(fit: ResponseFit) -> ResponseDraws:
    """`DRAWS` draws from a fit."""
    uniform, normal, noise, chi_square = _random_numbers(fit.points.df + len(fit.points.n))
    shape = np.minimum(np.searchsorted(np.cumsum(fit.weights), uniform), len(fit.weights) - 1)
    sd = np.sqrt(fit.squares[shape] / chi_square)
    moves = np.einsum("dij,dj->di", fit.root[shape], normal) * sd[:, None]
    level, rise = (fit.mean[shape] + moves).T
    return ResponseDraws(fit, shape, level, rise, noise * sd * np.sqrt(fit.points.new_run))


@lru_cache(maxsize=16)  # curves of a study have few degrees of freedom that differ
def _random_numbers(df: float) -> tuple[Array, Array, Array, Array]:
    generator = np.random.default_rng(SEED)
    uniform = (np.arange(DRAWS) + 0.5) / DRAWS
    normal, noise = generator.standard_normal((DRAWS, 2)), generator.standard_normal(DRAWS)
    return uniform, normal, noise, generator.chisquare(df, DRAWS)
