"""A response curve's forms, fitted to its points and weighted by how they predict larger n from smaller ones.

The points are normal around a form, with a variance each that is known up to a common factor s^2. That factor has a
scaled inverse chi-square prior (the degrees of freedom of the noise), a and b have a wide normal one. So the points
are jointly multivariate t, whose innovations (each point given those at smaller n) come from one Cholesky factor; fits
are those of generalised least squares (Gelman et al. 2013, Bayesian Data Analysis, section 14.7).

Within a form, shapes have their posterior probability. Forms are weighted by the density that they gave every point
from the fourth on, predicted from the smaller n (leave-future-out cross-validation, Buerkner, Gabry and Vehtari 2020,
Journal of Statistical Computation and Simulation 90; pseudo-BMA, Yao et al. 2018, Bayesian Analysis 13).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, stdtr

from clt.statistics.inference.link import Link
from clt.statistics.inference.response_forms import FORMS, Shapes, shapes_for

FEWEST_POINTS = 4
LEVEL_SD = 10.0  # prior of a and of b, on the link scale
RISE_SD = 1.5  # from 18% to 50%
WIDE = 3.0  # the unit of both on an unknown scale, in ranges of the points
TAIL = 0.025
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class ResponsePoints:
    """What a response curve is fitted to."""

    n: Array  # samples per language (points,), rising
    value: Array  # on the link scale (points,)
    variance: Array  # of the values around their curve (points,)
    new_run: float  # variance of one new run around the curve
    df: float  # of the variances: they are known up to a factor
    noise_source: str  # what tells the noise between runs
    link: Link
    sign: float  # 1 where a higher score is better, else -1


@dataclass(frozen=True, slots=True)
class ResponseFit:
    """Forms fitted to the points of one curve. Axes: shapes of the grid."""

    points: ResponsePoints
    shapes: Shapes
    weights: Array  # (shapes,), sum to 1
    mean: Array  # of a and b (shapes, 2)
    root: Array  # Cholesky factor of their covariance for s^2 = 1 (shapes, 2, 2)
    squares: Array  # df + weighted squares: s^2 is this over a chi-square variable (shapes,)
    largest_predicted: tuple[float, float, float]  # from all smaller n: low end of 95%, median, high end

    @property
    def misses_largest(self) -> bool:
        """Whether the largest n, left out, lies outside its own 95% prediction interval."""
        low, _, high = self.largest_predicted
        return not low <= self.points.value[-1] <= high

    def form_weights(self) -> dict[str, float]:
        """The weight of each form."""
        return {form: float(self.weights[self.shapes.form == form].sum()) for form in FORMS}


def fit_response(points: ResponsePoints) -> ResponseFit:
    """Every form, fitted to `FEWEST_POINTS` points or more, with n > 0 at one or more.

    Source: Gelman et al. (2013), section 14.7; Buerkner, Gabry and Vehtari (2020).
    """
    count = len(points.n)
    assert count >= FEWEST_POINTS, "the caller refuses curves of fewer points"
    shapes = shapes_for(points.n)
    bends = shapes.bends(points.n).T
    design = np.stack((np.ones(bends.shape), bends), axis=-1)
    unit = 1.0 if points.link.is_known else WIDE * float(np.ptp(points.value))
    prior = np.square((LEVEL_SD * unit, RISE_SD * unit))
    centred = points.value - points.value.mean()
    root = np.linalg.cholesky(np.diag(points.variance) + np.einsum("kpi,i,kqi->kpq", design, prior, design))
    innovations = np.linalg.solve(root, np.broadcast_to(centred[:, None], (len(shapes), count, 1)))[..., 0]
    scale = np.diagonal(root, axis1=1, axis2=2)
    density = _log_densities(innovations, scale, points.df)
    precision = np.einsum("kpi,p,kpj->kij", design, 1 / points.variance, design) + np.diag(1 / prior)
    covariance = np.linalg.inv(precision)
    mean = np.einsum("kij,kpj,p->ki", covariance, design, centred / points.variance)
    mean[:, 0] += points.value.mean()
    expected = points.value[-1] - innovations[:, -1] * scale[:, -1]
    spread = scale[:, -1] * np.sqrt(_squares(innovations[:, :-1], points.df) / (points.df + count - 1))
    return ResponseFit(
        points=points,
        shapes=shapes,
        weights=_weights(shapes, density),
        mean=mean,
        root=np.linalg.cholesky(covariance),
        squares=_squares(innovations, points.df),
        largest_predicted=_quantiles(_weights(shapes, density[:, :-1]), expected, spread, points.df + count - 1),
    )


def _log_densities(innovations: Array, scale: Array, df: float) -> Array:
    """Log density of every point given those at smaller n: Student's t, axes (shapes, points)."""
    degrees = df + np.arange(innovations.shape[1])
    before = df + np.cumsum(innovations**2, axis=1) - innovations**2
    return np.asarray(
        gammaln((degrees + 1) / 2)
        - gammaln(degrees / 2)
        - np.log(np.pi * before) / 2
        - np.log(scale)
        - (degrees + 1) / 2 * np.log1p(innovations**2 / before)
    )


def _weights(shapes: Shapes, density: Array) -> Array:
    """The weight of each shape from the densities (shapes, points): of its form, and within it."""
    weights = np.zeros(len(shapes))
    forms = {form: shapes.form == form for form in FORMS}
    within = {form: density[where].sum(axis=1) for form, where in forms.items()}
    predicted = {
        form: np.logaddexp.reduce(within[form]) - np.logaddexp.reduce(density[where, : FEWEST_POINTS - 1].sum(axis=1))
        for form, where in forms.items()
    }
    whole = np.logaddexp.reduce(list(predicted.values()))
    for form, where in forms.items():
        weights[where] = np.exp(within[form] - np.logaddexp.reduce(within[form]) + predicted[form] - whole)
    return weights


def _squares(innovations: Array, df: float) -> Array:
    return np.asarray(df + (innovations**2).sum(axis=1))


def _quantiles(weights: Array, location: Array, scale: Array, df: float) -> tuple[float, float, float]:
    """The 2.5%, 50% and 97.5% quantile of a mixture of Student's t distributions, axes (shapes,)."""
    reach = 1e3 * float(scale.max())
    low, median, high = (
        float(brentq(
            lambda x, share=share: float(weights @ stdtr(df, (x - location) / scale)) - share,
            location.min() - reach, location.max() + reach,
        ))
        for share in (TAIL, 0.5, 1 - TAIL)
    )  # fmt: skip
    return low, median, high
