"""The interval of a ratio of two estimates whose denominator may be small (Fieller 1954)."""

import numpy as np

Array = np.ndarray


def fieller_bounds(
    numerator: Array, denominator: Array, covariance: Array, factor: Array | float
) -> tuple[Array, Array]:
    """Bounds of numerator / denominator: every ratio r for which numerator - r denominator may be 0.

    Args:
        numerator: Estimates, of any shape.
        denominator: The same for what is divided by.
        covariance: Of both, axes (2, 2, ...): numerator first.
        factor: What a standard error is multiplied by for half of an interval, from t.

    Returns:
        Lower and upper bounds, NaN where the denominator is within its noise: the interval would have no end.

    Source: Fieller (1954), Journal of the Royal Statistical Society B 16.
    """
    square = np.square(factor)
    a = denominator**2 - square * covariance[1, 1]
    b = numerator * denominator - square * covariance[0, 1]
    c = numerator**2 - square * covariance[0, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(b**2 - a * c, 0.0))  # where a > 0 it is below 0 by rounding only
        ends = np.where(a > 0, np.stack([b - root, b + root]) / a, np.nan)
    return ends[0], ends[1]
