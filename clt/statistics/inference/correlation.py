"""Spearman's rank correlation with a p-value from permuting whole runs, and its partial form.

The scores of one run depend on each other: its checkpoints follow each other, and S and U rest on the same items. So
a run's scores stay together, and only which run's U stands beside which run's S is permuted. A point of a curve is a
run with one score. The test is two-sided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from math import factorial, prod

import numpy as np
import pandas as pd

EXACT = factorial(8)  # up to so many orders of the runs all are taken
RANDOM = 10_000  # else so many random ones
FEWEST = factorial(4)  # with fewer orders p says nothing
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCorrelation:
    value: float  # NaN where it is undefined
    p: float  # NaN where there is none
    method: str  # of p
    reason: str | None  # why value or p is NaN


def rank_correlation(x: Sequence[Array], y: Sequence[Array], given: Sequence[Array] | None = None) -> RankCorrelation:
    """Spearman's correlation of x and y over all scores of all runs, one array a run; with `given` its partial form.

    Ties share their mean rank. A run's y is exchanged with that of runs with as many scores. The partial form
    correlates what a line through the ranks of `given` leaves of the ranks of x and y; for its p the residual ranks
    of y are permuted and freed of `given` again. Random orders count the observed one: p = (k + 1) / (m + 1).

    Args:
        x: Scores of every run, each (scores of the run,).
        y: The same of the other variable; where one of a pair is NaN the pair is left out.
        given: What both may depend on; left out: the plain correlation.

    Returns:
        The correlation with its two-sided p; NaN with a reason where there are too few scores or runs.

    Source: for the partial form Freedman and Lane (1983), Journal of Business & Economic Statistics 1.
    """
    runs = _finite(x, y, given)
    lengths = [len(run[0]) for run in runs]
    fewest = 3 if given is None else 4
    if sum(lengths) < fewest:
        return _undefined(f"needs {fewest} points or more")
    joined = [np.concatenate(parts) for parts in zip(*runs, strict=True)]
    rx, ry, *others = (_centred(ranks(values)) for values in joined)
    line = _unit(others[0]) if others else np.zeros(len(rx))
    rx, ry = rx - line * (line @ rx), ry - line * (line @ ry)
    if not (_varies(rx) and _varies(ry)):
        return _undefined("S or U does not vary" + ("" if given is None else " beyond what the ranks of n explain"))
    value = float(rx @ ry / np.sqrt((rx @ rx) * (ry @ ry)))
    orders, method, reason = exchanges(tuple(lengths))
    if orders is None:
        return RankCorrelation(value=value, p=np.nan, method=method, reason=reason)
    x_runs, y_runs, line_runs = (_padded(values, lengths) for values in (rx, ry, line))
    covariance = _summed(x_runs @ y_runs.T, orders)
    left = ry @ ry - _summed(line_runs @ y_runs.T, orders) ** 2  # of the permuted residuals, freed of `given` again
    with np.errstate(invalid="ignore", divide="ignore"):
        permuted = covariance / np.sqrt((rx @ rx) * np.maximum(left, 0))
    as_far = int((np.nan_to_num(np.abs(permuted)) >= abs(value) - 1e-9).sum())
    return RankCorrelation(value=value, p=as_far / len(orders), method=method, reason=None)


def ranks(values: Array) -> Array:
    """Ranks from 1 along the last axis (..., scores), ties share their mean rank; NaN stays NaN and has no rank."""
    # printed scores tie often and their means differ in the last bit: 1e-9 is far below any real difference
    rounded = values.round(9)
    # scipy.stats has it too, and takes as long to import as half of a report takes to compute
    return pd.DataFrame(rounded.reshape(-1, rounded.shape[-1])).rank(axis=1).to_numpy().reshape(rounded.shape)


def _undefined(reason: str) -> RankCorrelation:
    return RankCorrelation(value=np.nan, p=np.nan, method="undefined", reason=reason)


def _finite(x: Sequence[Array], y: Sequence[Array], given: Sequence[Array] | None) -> list[Array]:
    """Every run's scores (variables, scores), without those where one is undefined, and without empty runs."""
    parts = (x, y) if given is None else (x, y, given)
    runs = (np.array(run, dtype=float) for run in zip(*parts, strict=True))
    whole = (run[:, np.isfinite(run).all(axis=0)] for run in runs)
    return [run for run in whole if run.shape[1]]


def _centred(values: Array) -> Array:
    return values - values.mean()


def _unit(values: Array) -> Array:
    length = np.sqrt(values @ values)
    return values / length if length > 0 else values


def _varies(values: Array) -> bool:
    return bool(np.abs(values).max() > 1e-9)


def _padded(values: Array, lengths: list[int]) -> Array:
    """(runs, longest run): one run a row, 0 behind its last score."""
    rows = np.zeros((len(lengths), max(lengths)))
    rows[np.arange(max(lengths)) < np.array(lengths)[:, None]] = values
    return rows


@lru_cache(maxsize=8)  # most curves have equally many points
def exchanges(labels: tuple[int, ...]) -> tuple[Array | None, str, str | None]:
    """Which run's y stands beside which run's x, (orders, runs), how they were made, and why there are none.

    Runs change places with runs of their label (their length) only. The order that was observed is always among them.
    """
    groups = [np.flatnonzero(np.array(labels) == label) for label in sorted(set(labels))]
    choices = prod(factorial(len(group)) for group in groups)
    if choices < FEWEST:
        bound = f"p cannot get below {1 / choices:.2g}"
        return None, "none: too few runs", f"{len(labels)} runs that change places in {choices} orders: {bound}"
    orders = np.arange(len(labels))[None]
    if choices <= EXACT:
        for group in groups:
            inside = np.array(list(permutations(group)))
            orders = np.repeat(orders, len(inside), axis=0)
            orders[:, group] = np.tile(inside, (len(orders) // len(inside), 1))
        return orders, f"all {choices} permutations of the runs", None
    generator = np.random.default_rng(labels)
    drawn = np.empty((RANDOM, len(labels)), dtype=int)
    for group in groups:
        drawn[:, group] = generator.permuted(np.tile(group, (RANDOM, 1)), axis=1)
    return np.concatenate((orders, drawn)), f"{RANDOM} random permutations of the runs", None


def _summed(pairs: Array, orders: Array) -> Array:
    """Sums (orders,) of the entries [run, order of run] of pairs (runs, runs)."""
    return pairs[np.arange(len(pairs)), orders].sum(axis=1)
