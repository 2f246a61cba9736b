"""Intervals and comparisons that hold for many estimates at once, from their joint covariance.

The estimates are jointly normal with a known covariance up to a factor that is estimated with `df` degrees of freedom:
the largest of their standardized errors has the distribution of the maximum of a multivariate t (Hothorn, Bretz and
Westfall 2008, Biometrical Journal 50; with one control and equal variances it is Dunnett's of 1955). It is computed
from normal draws, with the chi-square part integrated exactly.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc

from clt.statistics.inference.intervals import LEVEL

DRAWS = 10_000
SEED = 0  # equal covariances give equal factors
NO_SPREAD = 1e-9  # of a difference, in the largest standard error: below it the two are one but for a constant
Array = np.ndarray


def two_sided_factor(covariance: Array, df: float) -> float:
    """What every standard error is multiplied by so that all intervals hold at once with 95%.

    Args:
        covariance: Of the estimates (m, m).
        df: Degrees of freedom of the factor that it is known up to.

    Returns:
        The factor: the 95% quantile of the largest standardized error.

    Source: Hothorn, Bretz and Westfall (2008), Biometrical Journal 50.
    """
    largest = np.abs(_draws(covariance) / np.sqrt(np.diag(covariance))).max(axis=1)
    return float(brentq(lambda factor: _below(largest, factor, df) - LEVEL, 0.1, 1e4, xtol=1e-4))


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
    """Normal variables with the covariance, axes (draws, m)."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.random.default_rng(SEED).standard_normal((DRAWS, len(covariance))) @ root.T


def _below(largest: Array, factor: float, df: float) -> float:
    """Probability that largest / sqrt(chi-square(df) / df) is at most a positive factor; `largest` are draws."""
    if np.isinf(df):
        return float((largest <= factor).mean())
    return float(chdtrc(df, df * (np.maximum(largest, 0.0) / factor) ** 2).mean())
