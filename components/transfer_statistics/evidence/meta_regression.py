"""Random-effects meta-regression: several experiments, each with a value and the variance of its own noise.

Variance between experiments by the method of moments (DerSimonian and Laird 1986, Controlled Clinical Trials 7),
standard errors by Hartung and Knapp (2001, Statistics in Medicine 20) with their factor kept at 1 or above, so that
experiments which agree by chance do not make the interval narrower than their noise.
"""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Fit:
    """One coefficient: value, standard error (NaN without degrees of freedom) and weight of every experiment."""

    value: float
    error: float
    df: int
    weights: Array  # value = weights @ values


def fit(values: Array, variances: Array, design: Array, column: int) -> Fit | None:
    """The coefficient of one column of design (experiments, columns); None where the design does not identify it.

    values and variances (experiments,). Variances of 0 say that the noise is not known: the spread of the values around
    the fit is then all there is.
    """
    known = bool((variances > 1e-12).all())
    noise = variances if known else np.ones(len(values))
    df = len(values) - design.shape[1]
    if df < 0 or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    _, left = _weighted(values, 1 / noise, design)
    between = 0.0
    if known and df:
        between = max(0.0, (float((left**2 / noise).sum()) - df) / _expected(1 / noise, design))
    weights = 1 / (noise + between)
    rows, left = _weighted(values, weights, design)
    value = float(rows[column] @ values)
    if not df:
        return Fit(value, np.nan, 0, rows[column])
    spread = float((weights * left**2).sum()) / df
    inverse = np.linalg.inv(design.T @ (weights[:, None] * design))
    error = np.sqrt((max(1.0, spread) if known else spread) * inverse[column, column])
    return Fit(value, float(error), df, rows[column])


def _weighted(values: Array, weights: Array, design: Array) -> tuple[Array, Array]:
    """Rows (columns, experiments) that map values to coefficients, and the residuals."""
    rows = np.linalg.solve(design.T @ (weights[:, None] * design), design.T * weights)
    return rows, values - design @ (rows @ values)


def _expected(weights: Array, design: Array) -> float:
    """What one unit of between-experiment variance adds to the weighted sum of squares."""
    inverse = np.linalg.inv(design.T @ (weights[:, None] * design))
    return float(weights.sum() - np.trace(inverse @ (design.T @ (weights[:, None] ** 2 * design))))
