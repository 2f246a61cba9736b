"""Quantiles for the plan's differences, without scipy: it would take longer to import than the whole plan."""

from math import sqrt
from statistics import NormalDist

LEVEL = 0.95  # of the intervals


def maximum_modulus(contrasts: int, df: float) -> float:
    """The studentized maximum modulus: 95% quantile of the largest of normal deviates over one estimated spread.

    An average over quantiles of the estimate (Wilson and Hilferty 1931, PNAS 17), and bisection.

    Args:
        contrasts: Independent deviates.
        df: Degrees of freedom of the estimate, 1 or more.

    Source: Stoline and Ury (1979), Technometrics 21.
    """
    normal, steps = NormalDist(), 200
    spreads = [
        max(1 - 2 / (9 * df) + normal.inv_cdf((step + 0.5) / steps) * sqrt(2 / (9 * df)), 0.0) ** 1.5
        for step in range(steps)
    ]
    low, high = 0.0, 1000.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        inside = sum((1 - 2 * normal.cdf(-middle * spread)) ** contrasts for spread in spreads) / steps
        low, high = (middle, high) if inside < LEVEL else (low, middle)
    return high


def t_quantile(p: float, df: float) -> float:
    """Quantile of Student's t distribution, within 1% for p <= 0.975 and df >= 2 (Abramowitz and Stegun, 26.7.5)."""
    z = NormalDist().inv_cdf(p)
    return (
        z
        + (z**3 + z) / (4 * df)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * df**4)
    )
