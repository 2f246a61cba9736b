"""Intervals and comparisons that hold for many estimates at once, from their joint covariance.

The estimates are jointly normal with a known covariance up to a factor that is estimated with `df` degrees of freedom:
the largest of their standardized errors has the distribution of the maximum of a multivariate t (Hothorn, Bretz and
Westfall 2008, Biometrical Journal 50; with one control and equal variances it is Dunnett's of 1955). Its quantile is
found from normal draws, with the chi-square part integrated exactly.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc

from components.transfer_statistics.curve.uncertainty import LEVEL

DRAWS = 10_000
SEED = 0  # equal covariances give equal factors
Array = np.ndarray


def two_sided_factor(covariance: Array, df: float) -> float:
    """What every standard error is multiplied by so that all intervals hold at once with 95%; covariance (m, m)."""
    return _quantile(np.abs(_draws(covariance)).max(axis=1), df)


def one_sided_factor(covariance: Array, df: float) -> float:
    """The same for upper bounds alone."""
    return _quantile(_draws(covariance).max(axis=1), df)


def maybe_best(value: Array, covariance: Array, df: float) -> Array:
    """Which of m estimates may be the largest: the true largest one is among them with 95%, axes (m,) of bool.

    Subset selection (Gupta 1965, Technometrics 7): an estimate stays if none of the others is above it beyond
    simultaneous one-sided bounds. value (m,), covariance (m, m).
    """
    return np.array([_may_be_best(value, covariance, df, at) for at in range(len(value))])


def _may_be_best(value: Array, covariance: Array, df: float, at: int) -> bool:
    others = np.delete(np.arange(len(value)), at)
    contrasts = np.eye(len(value))[others] - np.eye(len(value))[at]
    between = contrasts @ covariance @ contrasts.T
    above = value[others] - value[at]
    told = np.sqrt(np.diag(between)) > 1e-12
    if (above[~told] > 1e-12).any():  # the same runs and items but for a constant: nothing is uncertain
        return False
    if not told.any():
        return True
    between = between[np.ix_(told, told)]
    return bool((above[told] <= one_sided_factor(between, df) * np.sqrt(np.diag(between))).all())


def _draws(covariance: Array) -> Array:
    """Standard normal variables with the correlation of the covariance, axes (draws, m)."""
    error = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(error, error))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.random.default_rng(SEED).standard_normal((DRAWS, len(error))) @ root.T


def _quantile(largest: Array, df: float) -> float:
    """The 95% quantile of largest / sqrt(chi-square(df) / df), where `largest` are draws and independent of it."""
    if np.isinf(df):
        return float(np.quantile(largest, LEVEL))
    positive = np.maximum(largest, 0.0)

    def missed(factor: float) -> float:
        return LEVEL - float(chdtrc(df, df * (positive / factor) ** 2).mean())

    return float(brentq(missed, 0.1, 1e4, xtol=1e-6))
