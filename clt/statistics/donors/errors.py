"""The covariance of a design's errors, items + s^2 runs, made diagonal once for every size s of the noise between runs.

Runs are independent between points, and the same covariance of languages stands in each: dividing by its root is cheap.
Of the items there are as many modes as items or scores, whichever are fewer; the rest is noise between runs alone
(the identity of Woodbury). So no matrix of all scores is made where items are few, and none is factorized anew for s.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from clt.statistics.donors.noise import Response
from clt.statistics.inference.run_noise_prior import prior_covariance

SMALLEST = 1e-10  # variance of a mode, beside that of runs: below it the items say nothing
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Errors of N = points x languages scores."""

    root: Array  # (L, L), lower: of the covariance of one run
    runs: Array  # (P,)
    modes: Array  # (N, M): of the items, in units of the noise between runs, orthonormal
    variances: Array  # (M,)

    @classmethod
    def of(cls, response: Response) -> "Errors":
        """Those of a response."""
        languages = len(response.value) // len(response.runs)
        root = np.linalg.cholesky(prior_covariance(languages))
        items = _divided(response.influence.T, root, response.runs).T
        few = len(items) <= items.shape[1]
        variances, vectors = np.linalg.eigh(items @ items.T if few else items.T @ items)
        kept = variances > SMALLEST
        modes = items.T @ vectors[:, kept] / np.sqrt(variances[kept]) if few else vectors[:, kept]
        return cls(root=root, runs=response.runs, modes=modes, variances=variances[kept])

    def products(self, columns: Array) -> "Products":
        """Of columns (N, K) with each other, for any size of the noise between runs."""
        divided = _divided(columns, self.root, self.runs)
        return Products(divided.T @ divided, self.modes.T @ divided, self.variances)

    def log_determinant(self, size: float) -> float:
        """Half of the logarithm of the covariance's determinant, up to a constant, where runs differ by size."""
        scores = len(self.runs) * len(self.root)
        return float(scores * np.log(size) + np.log1p(self.variances / size**2).sum() / 2)


@dataclass(frozen=True, slots=True)
class Products:
    """Products of columns, by the noise between runs alone, and in the modes of the items."""

    whole: Array  # (K, K)
    in_modes: Array  # (M, K)
    variances: Array  # (M,)

    def at(self, size: float) -> Array:
        """columns' covariance^-1 columns (K, K), where runs differ by size."""
        share = self.variances / (self.variances + size**2)
        return np.asarray((self.whole - (self.in_modes.T * share) @ self.in_modes) / size**2)


def _divided(columns: Array, root: Array, runs: Array) -> Array:
    """Columns (N, K) in units of the noise between runs: runs^-1/2 of it."""
    points, languages = len(runs), len(root)
    by_point = columns.reshape(points, languages, -1).transpose(1, 0, 2).reshape(languages, -1)
    solved = solve_triangular(root, by_point, lower=True).reshape(languages, points, -1).transpose(1, 0, 2)
    return np.asarray((solved * np.sqrt(runs)[:, None, None]).reshape(points * languages, -1))
