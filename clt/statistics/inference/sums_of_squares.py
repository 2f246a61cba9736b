"""Sums of squares of an analysis of variance, for crossed factors with or without missing cells.

Balanced tables are split exactly by their marginal means. Otherwise the sums are of type II: a term is what it adds to
the model of all terms that do not contain it (Langsrud 2003, Statistics and Computing 13). On a balanced table both
are the same, and only there do the sums add up to the total.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.linalg import lapack

Array = np.ndarray
Term = tuple[int, ...]  # positions of its factors
SMALLEST_PIVOT = 1e-6  # of the largest entry on the diagonal; effect coding of columns that say nothing new has 1e-13
MOST_COLUMNS = 1_500  # of an unbalanced design: higher interactions than fit in are left in the residual


@dataclass(frozen=True, slots=True)
class Split:
    """Sum of squares and degrees of freedom of every term, and the total around the mean of the values."""

    terms: dict[Term, tuple[float, int]]
    total: float


def terms_of(factors: int, order: int) -> Iterator[Term]:
    """All terms of up to so many factors, main effects first."""
    for size in range(1, order + 1):
        yield from combinations(range(factors), size)


def cells_of(codes: Array, values: Array, levels: Sequence[int]) -> tuple[Array, Array]:
    """Mean and number of the values in every cell, axes (levels of each factor); NaN where there is none."""
    flat = np.ravel_multi_index(tuple(codes.T), tuple(levels))
    size = int(np.prod(levels))
    counts = np.bincount(flat, minlength=size)
    with np.errstate(invalid="ignore"):
        means = np.bincount(flat, weights=values, minlength=size) / counts
    return means.reshape(levels), counts.reshape(levels)


def split(codes: Array, values: Array, levels: Sequence[int]) -> Split:
    """Split the values' sum of squares by term.

    Without missing cells every term is there; with one value a cell the highest one is what cannot be told from noise.

    Args:
        codes: The level of every factor that each value belongs to (values, factors), of int.
        values: The values (values,).
        levels: How many levels each factor has.

    Returns:
        Sum of squares and degrees of freedom by term, and the total.

    Source: Langsrud (2003), Statistics and Computing 13, for type II sums.
    """
    means, counts = cells_of(codes, values, levels)
    total = float(((values - values.mean()) ** 2).sum())
    if (counts == counts.flat[0]).all():
        return Split(_balanced(means, int(counts.flat[0])), total)
    return Split(_type_two(means, counts), total)


def effect(table: Array, term: Term) -> Array:
    """The effects of one term of a balanced table; averaged axes keep length 1."""
    for axis in range(table.ndim):
        mean = table.mean(axis=axis, keepdims=True)
        table = table - mean if axis in term else mean
    return table


def columns(codes: Array, levels: Sequence[int], terms: Sequence[Term]) -> Array:
    """Design matrix (values, columns): the mean, then the terms in effect coding (each sums to 0 over its levels).

    A code of -1 is a level that the coding does not know; its effects are 0, the mean of the known levels.
    """
    coded = [_effect_coding(count)[codes[:, k]] for k, count in enumerate(levels)]
    parts = [np.ones((len(codes), 1))]
    for term in terms:
        part = np.ones((len(codes), 1))
        for k in term:
            part = (part[:, :, None] * coded[k][:, None, :]).reshape(len(codes), -1)
        parts.append(part)
    return np.concatenate(parts, axis=1)


def least_squares(design: Array, values: Array) -> tuple[Array, int]:
    """Shortest solution and rank, from the normal equations, well conditioned by effect coding.

    By Cholesky's method where every pivot is far from 0, else by eigenvalues, which cost ten times as much.
    """
    normal = design.T @ design
    factor, failed = lapack.dpotrf(normal, lower=True)
    if not failed and (np.diag(factor) ** 2 > SMALLEST_PIVOT * np.diag(normal).max()).all():
        return np.asarray(lapack.dpotrs(factor, design.T @ values, lower=True)[0]), len(normal)
    eigenvalues, vectors = np.linalg.eigh(normal)
    kept = eigenvalues > 1e-10 * eigenvalues[-1]
    basis = vectors[:, kept]
    return basis @ ((basis.T @ (design.T @ values)) / eigenvalues[kept]), int(kept.sum())


def _effect_coding(levels: int) -> Array:
    """(levels + 1, levels - 1): the last row, which -1 picks, is of an unknown level."""
    return np.concatenate((np.eye(levels)[:, 1:] - np.eye(levels)[:, :1], np.zeros((1, levels - 1))))


def _balanced(means: Array, replicates: int) -> dict[Term, tuple[float, int]]:
    squares = {}
    for term in terms_of(means.ndim, means.ndim):
        effects = effect(means, term)
        times = replicates * means.size / effects.size
        squares[term] = (
            float(times * (effects**2).sum()),
            int(np.prod([means.shape[k] - 1 for k in term])),
        )
    return squares


def _type_two(means: Array, counts: Array) -> dict[Term, tuple[float, int]]:
    codes = np.argwhere(counts > 0)
    weights = np.sqrt(counts[counts > 0])
    values = weights * means[counts > 0]
    order = max(
        size
        for size in range(1, means.ndim + 1)
        if size == 1 or _width(means.shape, terms_of(means.ndim, size)) <= MOST_COLUMNS
    )
    terms = list(terms_of(means.ndim, order))
    squares = {}
    for term in terms:
        others = [other for other in terms if not set(term) <= set(other)]
        without, with_it = (
            _fit(weights[:, None] * columns(codes, means.shape, chosen), values) for chosen in (others, [*others, term])
        )
        squares[term] = (max(without[0] - with_it[0], 0.0), with_it[1] - without[1])
    return squares


def _width(levels: Sequence[int], terms: Iterator[Term]) -> int:
    return sum(int(np.prod([levels[k] - 1 for k in term])) for term in terms)


def _fit(design: Array, values: Array) -> tuple[float, int]:
    """Residual sum of squares and rank."""
    solution, rank = least_squares(design, values)
    return float(((values - design @ solution) ** 2).sum()), rank
