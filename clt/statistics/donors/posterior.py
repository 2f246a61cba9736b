"""The effects of all donors at once: link(score) = own level + sum of effect x g(rows), with both kinds of noise.

A linear mixed model (Henderson 1975, Biometrics 31; Gelman and others 2013, Bayesian Data Analysis, section 15.4).
What is not known beside the effects (how g bends, how large the noise between runs is, how far donors differ, and
how much of that script, family and distance explain) is averaged over a grid by marginal likelihood, so that the
intervals hold what the choice would have hidden. Noise between runs has a scaled inverse chi-square prior.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.special import softmax

from clt.statistics.donors.affinity import prior_covariance
from clt.statistics.donors.bend import Bend
from clt.statistics.donors.design import Design, Unit
from clt.statistics.donors.errors import Errors
from clt.statistics.donors.noise import ONE_RUN, Response

NOISE = tuple(np.geomspace(0.25, 8.0, 11))  # of the noise between runs, as a multiple of what is expected
DONOR_SD = (0.1, 0.3, 1.0)  # log-odds at the largest rows; none near 0, which would pull in what all share
EXPLAINED = (0.2, 0.8)
LEVEL_SD = 100.0  # of a language's own level: any
NEGLIGIBLE = 1e-6  # of the weights
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """The effects given one bend of g, normal."""

    weight: float
    bend: Bend  # g
    mean: Array  # (K,): levels of every study and language, then effects of every unit on every language
    covariance: Array  # (K, K)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Levels and effects of a design, a mixture of normal components."""

    design: Design
    components: tuple[Component, ...]

    noise: float  # standard deviation between runs of one language's score, on the link scale

    def place(self, unit: Unit, language: str) -> int:
        """Where the effect of a unit on a language stands in a component's mean."""
        design = self.design
        studies = int(design.levels.max()) + 1
        return (studies + design.units.index(unit)) * len(design.languages) + design.languages.index(language)

    def effects(self) -> tuple[Array, Array]:
        """Mean and standard error (U, L) of the effects of the largest rows, over all components."""
        shape = len(self.design.units), len(self.design.languages)
        start = len(self.components[0].mean) - shape[0] * shape[1]
        mean, covariance = moments([(c.weight, c.mean[start:], c.covariance[start:, start:]) for c in self.components])
        return mean.reshape(shape), np.sqrt(np.diag(covariance)).reshape(shape)

    def levels(self) -> Array:
        """Scores of English-only training on the link scale (L,), the mean over studies and components."""
        languages = len(self.design.languages)
        mean = sum((c.weight * c.mean for c in self.components), np.zeros_like(self.components[0].mean))
        return mean.reshape(-1, languages)[: -len(self.design.units)].mean(axis=0)


def moments(parts: list[tuple[float, Array, Array]]) -> tuple[Array, Array]:
    """Mean and covariance of a mixture of (weight, mean, covariance)."""
    mean = sum((weight * each for weight, each, _ in parts), np.zeros_like(parts[0][1]))
    covariance = sum(
        (weight * (spread + np.outer(each - mean, each - mean)) for weight, each, spread in parts),
        np.zeros_like(parts[0][2]),
    )
    return mean, covariance


def fit(
    design: Design,
    response: Response,
    *,
    donor_sd: tuple[float, ...] = DONOR_SD,
    explained: tuple[float, ...] = EXPLAINED,
) -> Posterior:
    """The posterior of all levels and effects.

    Args:
        design: The mixtures.
        response: Their scores and the noise of those.
        donor_sd: How far effects of donors on other languages may be from 0: the grid that is averaged over.
        explained: Shares of their variance that script, family and distance may explain: likewise.
    """
    priors = [
        prior_covariance(design.units, design.languages, sd=sd, explained=share, english=design.english)
        for sd in donor_sd
        for share in explained
    ]
    roots = np.stack([_root(prior, design) for prior in priors])
    errors, expected = Errors.of(response), response.factor if response.df else _residual_factor(design, response)
    found: list[Solution] = []
    for bend in design.bends:
        regressors = _regressors(design, bend)
        products = errors.products(np.column_stack([regressors, response.value]))
        for multiple in NOISE:
            size = multiple * expected
            log_prior = -response.df * (np.log(multiple) + 1 / (2 * multiple**2))
            product = products.at(size)
            constant = log_prior - errors.log_determinant(size) - product[-1, -1] / 2
            found += [
                Solution(constant + evidence, bend, size**2 * ONE_RUN, mean, spread)
                for evidence, mean, spread in _solved(product[:-1, :-1], product[:-1, -1], roots)
            ]
    weights = softmax([each.evidence for each in found])
    return Posterior(
        design=design,
        components=tuple(_component(bend, found, weights) for bend in design.bends),
        noise=float(np.sqrt(sum(w * each.run_variance for w, each in zip(weights, found, strict=True)))),
    )


class Solution(NamedTuple):
    """The effects given one point of the grid."""

    evidence: float  # logarithm
    bend: Bend
    run_variance: float
    mean: Array
    covariance: Array


def _component(bend: Bend, found: Sequence[Solution], weights: Array) -> Component:
    here = [(float(weight), each) for weight, each in zip(weights, found, strict=True) if each.bend == bend]
    total = sum(weight for weight, _ in here)
    kept = [(weight / total, each.mean, each.covariance) for weight, each in here if weight > NEGLIGIBLE * total > 0]
    mean, covariance = moments(kept or [(1.0, here[0][1].mean, here[0][1].covariance)])
    return Component(weight=total, bend=bend, mean=mean, covariance=covariance)


def _residual_factor(design: Design, response: Response) -> float:
    """The noise that a plain least-squares fit leaves, as a multiple of the prior's: a start where nothing is known."""
    regressors = _regressors(design, design.bends[1])
    residual = response.value - regressors @ np.linalg.lstsq(regressors, response.value, rcond=None)[0]
    left = max(len(residual) - regressors.shape[1], 1)
    return max(float(np.sqrt((residual**2).sum() / left / ONE_RUN)), 0.01)


def _regressors(design: Design, bend: Bend) -> Array:
    """Axes (mixtures x languages, studies x languages + U x L)."""
    studies = np.eye(int(design.levels.max()) + 1)[design.levels]
    columns = np.concatenate([studies, design.strength(design.rows, bend)], axis=1)
    return np.kron(columns, np.eye(len(design.languages)))


def _root(prior: Array, design: Design) -> Array:
    """Lower root of the prior covariance of levels and effects (K, K)."""
    levels = (int(design.levels.max()) + 1) * len(design.languages)
    root = np.zeros((levels + len(prior),) * 2)
    root[:levels, :levels] = LEVEL_SD * np.eye(levels)
    root[levels:, levels:] = np.linalg.cholesky(prior)
    return root


def _solved(precision: Array, projected: Array, roots: Array) -> Iterator[tuple[float, Array, Array]]:
    """Log evidence, mean and covariance for every prior, from X' X (K, K) and X' y (K,) of whitened data."""
    inner = roots.transpose(0, 2, 1) @ precision @ roots + np.eye(len(precision))
    lowers = np.linalg.cholesky(inner)
    for root, lower in zip(roots, lowers, strict=True):
        turned = root.T @ projected
        solved = cho_solve((lower, True), turned)
        half = solve_triangular(lower, root.T, lower=True)
        evidence = float(turned @ solved / 2 - np.log(np.diag(lower)).sum())
        yield evidence, root @ solved, half.T @ half
