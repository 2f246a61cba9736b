"""The spread between runs of a mean over languages, where a study repeats none: that of the paper's repeated runs."""

import numpy as np

from clt.planning import COMMON_SD, LANGUAGE_SD, PRIOR_DF
from clt.statistics.inference.link import Link

PRIOR_SOURCE = "the paper's own repeated runs (arXiv 2504.16677, tables 4-6, 11-13, 18-20): 6 degrees of freedom"
__all__ = ["COMMON_SD", "LANGUAGE_SD", "PRIOR_DF", "PRIOR_SOURCE", "prior_covariance", "prior_sd"]
Array = np.ndarray


def prior_covariance(languages: int) -> Array:
    """Covariance of one run's scores in log-odds between languages (languages, languages)."""
    return COMMON_SD**2 * np.ones((languages, languages)) + LANGUAGE_SD**2 * np.eye(languages)


def prior_sd(link: Link, means: Array) -> float:
    """Standard deviation between runs of a mean over languages, in the metric's unit; NaN on any scale but a logit.

    Args:
        link: Of the metric.
        means: The languages' scores (languages,), which tell how much the scale stretches.
    """
    if not link.is_logit:
        return float("nan")
    shares = link.slope(means) / len(means)
    return float(np.sqrt(shares @ prior_covariance(len(means)) @ shares))
