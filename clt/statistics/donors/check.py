"""Which mixtures a fit misses: their measured changes held against what the fit predicts of a run like it.

A posterior predictive check (Gelman and others 2013, Bayesian Data Analysis, section 6.3). The noise between runs is
what is known before the fit, wherever anything is: a fit that bends otherwise than the scores takes the difference
for noise between runs, and would excuse itself.
"""

import numpy as np
from scipy.special import stdtrit

from clt.statistics.donors.noise import ONE_RUN, Response
from clt.statistics.donors.posterior import Posterior, moments
from clt.statistics.inference.intervals import LEVEL, Z
from clt.statistics.inference.run_noise_prior import prior_covariance

MOST = 0.1  # share of the mixtures that a fit may miss: by chance 1 in 20
Array = np.ndarray


def missed(posterior: Posterior, response: Response, weights: Array) -> Array:
    """Which points (P,) scored outside the fit's 95% predictive interval, in their change from English alone.

    All of them where their mean does: English alone is one point, and many mixtures may outvote it.

    Args:
        posterior: The fit.
        response: The scores it is fitted to.
        weights: Of the languages' scores (L,), on the link scale.
    """
    changes = posterior.design.changes
    mixtures = (posterior.design.rows != posterior.design.base).any(axis=1)
    together = changes[mixtures].mean(axis=0, keepdims=True)
    return np.asarray(
        (_outside(posterior, response, weights, changes) | _outside(posterior, response, weights, together)) & mixtures
    )


def _outside(posterior: Posterior, response: Response, weights: Array, contrasts: Array) -> Array:
    """Whether contrasts of points (C, P) scored outside their predictive intervals (C,)."""
    predicted, variance = _predicted(posterior, weights, contrasts)
    values = contrasts @ response.value.reshape(contrasts.shape[1], -1) @ weights
    known, quantile = _known(posterior, response)
    one_run = float(weights @ prior_covariance(len(weights)) @ weights) * known**2
    runs = one_run * (contrasts**2 / response.runs).sum(axis=1)
    items = ((np.kron(contrasts, weights) @ response.influence.T) ** 2).sum(axis=1)
    return np.asarray(np.abs(values - predicted) > quantile * np.sqrt(variance + items + runs))


def too_many(misses: int, mixtures: int) -> bool:
    """Whether a fit misses so many of its mixtures that nothing may rest on it; a single one may be chance."""
    return misses > max(1.0, MOST * mixtures)


def _known(posterior: Posterior, response: Response) -> tuple[float, float]:
    """The noise between runs as a multiple of the prior's, and the quantile that its degrees of freedom ask for."""
    if response.df:
        return response.factor, float(stdtrit(response.df, 0.5 + LEVEL / 2))
    return posterior.noise / float(np.sqrt(ONE_RUN)), Z


def _predicted(posterior: Posterior, weights: Array, contrasts: Array) -> tuple[Array, Array]:
    """Mean and variance (C,) of the contrasts of points."""
    design = posterior.design
    effects = len(design.units) * len(design.languages)
    parts = []
    for component in posterior.components:
        asked = np.kron(contrasts @ design.strength(design.rows, component.bend), weights)
        mean, covariance = component.mean[-effects:], component.covariance[-effects:, -effects:]
        parts.append((component.weight, asked @ mean, asked @ covariance @ asked.T))
    mean, covariance = moments(parts)
    return mean, np.diag(covariance)
