"""Which of many estimates may be the best, from their joint covariance.

The estimates are jointly normal with a known covariance up to a factor that is estimated with `df` degrees of freedom:
the largest of their standardized differences has the distribution of the largest of a multivariate t (Hothorn, Bretz
and Westfall 2008, Biometrical Journal 50), computed from normal draws, with the chi-square part integrated exactly.
"""

import numpy as np
from scipy.special import chdtrc

from clt.statistics.inference.intervals import LEVEL

DRAWS = 10_000
SEED = 0  # equal covariances give equal draws
RIDGE = 1e-12  # of the largest variance: estimates that are one but for a constant have a Cholesky factor then
NO_SPREAD = 1e-5  # of a difference, in the largest standard error: below it the two are one but for a constant
Array = np.ndarray


def maybe_best(value: Array, covariance: Array, df: float) -> Array:
    """Which of m estimates may be the largest: the true largest one is among them with 95%, axes (m,) of bool.

    An estimate stays if none of the others is above it beyond simultaneous one-sided bounds.

    Args:
        value: The estimates (m,).
        covariance: Of their errors (m, m).
        df: Degrees of freedom of the factor that it is known up to.

    Returns:
        Whether each may be the largest (m,).

    Source: Gupta (1965), Technometrics 7.
    """
    draws, variance = _draws(covariance), np.diag(covariance)
    smallest = NO_SPREAD * np.sqrt(variance.max())
    kept = np.ones(len(value), dtype=bool)
    for index in range(len(value)):
        above = value - value[index]
        error = np.sqrt(np.maximum(variance + variance[index] - 2 * covariance[index], 0.0))
        told = error > smallest
        if (above[~told] > smallest).any():
            kept[index] = False
        elif (above > 0).any() and told.any():
            largest = ((draws[:, told] - draws[:, [index]]) / error[told]).max(axis=1)
            kept[index] = _below(largest, float((above[told] / error[told]).max()), df) <= LEVEL
    return kept


def _draws(covariance: Array) -> Array:
    """Normal variables with the covariance, axes (draws, m): by Cholesky's factor, which is the same on any machine."""
    ridge = RIDGE * np.diag(covariance).max() * np.eye(len(covariance))
    root = np.linalg.cholesky(covariance + ridge)
    return np.random.default_rng(SEED).standard_normal((DRAWS, len(covariance))) @ root.T


def _below(largest: Array, factor: float, df: float) -> float:
    """Probability that largest / sqrt(chi-square(df) / df) is at most a positive factor; `largest` are draws."""
    if np.isinf(df):
        return float((largest <= factor).mean())
    return float(chdtrc(df, df * (np.maximum(largest, 0.0) / factor) ** 2).mean())
