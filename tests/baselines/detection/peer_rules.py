"""Other rules for the same question, to stand beside ours: each gives the first alarm of any comparison in a year."""

import numpy as np
from scipy import stats

Array = np.ndarray


def first(found: Array) -> Array:
    """(weeks, ...) bool to the first week that is, -1 where none is."""
    return np.where(found.any(axis=0), found.argmax(axis=0), -1)


def weekly_holm(values: Array, first_runs: int, alpha: float = 0.05) -> Array:
    """Each run beside all before by t; Holm's step-down over comparisons, alpha a week: (weeks, years, comparisons)."""
    found = np.zeros(values.shape, dtype=bool)
    for week in range(first_runs, len(values)):
        before = values[:week]
        t = (values[week] - before.mean(axis=0)) / (before.std(axis=0, ddof=1) * (1 + 1 / week) ** 0.5)
        p = 2 * stats.t.sf(np.abs(t), week - 1)
        order = np.argsort(p, axis=-1)
        allowed = alpha / np.arange(p.shape[-1], 0, -1)
        rejected = np.logical_and.accumulate(np.take_along_axis(p, order, axis=-1) <= allowed, axis=-1)
        np.put_along_axis(found[week], order, rejected, axis=-1)
    return first(found)


def standardised(values: Array, first_runs: int) -> Array:
    """By mean and sd of the first runs, as textbooks have it."""
    reference = values[:first_runs]
    return (values[first_runs:] - reference.mean(axis=0)) / reference.std(axis=0, ddof=1)


def ewma(values: Array, first_runs: int, weight: float = 0.2, limit: float = 2.962) -> Array:
    """Montgomery's lambda = 0.2, L = 2.962: 500 runs between false alarms where level and noise are known."""
    found, average = np.zeros(values.shape, dtype=bool), np.zeros(values.shape[1:])
    for week, z in enumerate(standardised(values, first_runs), start=first_runs):
        average = (1 - weight) * average + weight * z
        runs = week - first_runs + 1
        found[week] = np.abs(average) > limit * (weight / (2 - weight) * (1 - (1 - weight) ** (2 * runs))) ** 0.5
    return first(found)


def cusum(values: Array, first_runs: int, slack: float = 0.5, limit: float = 5.0) -> Array:
    """Montgomery's k = 0.5, h = 5: 465 runs between false alarms where level and noise are known."""
    found, up, down = np.zeros(values.shape, dtype=bool), *np.zeros((2, *values.shape[1:]))
    for week, z in enumerate(standardised(values, first_runs), start=first_runs):
        up, down = np.maximum(up + z - slack, 0), np.maximum(down - z - slack, 0)
        found[week] = np.maximum(up, down) > limit
    return first(found)


def product_of_t_ratios(values: Array, first_runs: int, threshold: Array) -> Array:
    """Shiryaev-Roberts R = (1 + R) e over ratios of predictive t densities, shifted by 1, 2 or 4 and not.

    Later runs are held against all earlier ones, those after a change included.
    """
    found, evidence = np.zeros(values.shape, dtype=bool), np.zeros(values.shape[1:])
    for week in range(first_runs, len(values)):
        before, scale = values[:week], (1 + 1 / week) ** 0.5
        t = (values[week] - before.mean(axis=0)) / (before.std(axis=0, ddof=1) * scale)
        df, shifts = week - 1, [sign * size / scale for size in (1, 2, 4) for sign in (-1, 1)]
        ratios = [((1 + t**2 / df) / (1 + (t - shift) ** 2 / df)) ** (week / 2) for shift in shifts]
        evidence = (1 + evidence) * np.mean(ratios, axis=0)
        found[week] = evidence >= threshold
    return first(found)
