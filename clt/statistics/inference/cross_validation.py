"""Whether interactions tell more than isolated factors: on levels that the fit has not seen, and against permutations.

Interactions always fit better in the sample that they were fitted to. Here they have to predict a model, task, language
or n that was left out, or to beat the same data with whole curves exchanged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from clt.statistics.inference.correlation import exchanges
from clt.statistics.inference.intervals import t_factor
from clt.statistics.inference.sums_of_squares import cells_of, columns, effect, least_squares, terms_of
from clt.statistics.values import Estimate, number, undefined

Array = np.ndarray
SMALLEST_T = 3  # folds for a t interval
BATCH = 500  # orders at a time, for memory
FEWEST = 20  # with fewer orders that differ in the statistic p cannot reach 5%


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidatedFit:
    """R² of the left-out levels of one factor, all folds together."""

    folds: int
    main_effects: float  # NaN where the left-out values do not vary around the mean of the others
    interactions: float
    difference: Estimate


def cross_validate(codes: Array, values: Array, levels: Sequence[int], factor: int) -> CrossValidatedFit:
    """Leave out the levels of one factor in turn and predict their values from the others.

    codes (values, factors), values (values,). The two models are fitted by least squares: main effects, and main
    effects with all two-way interactions. Of a level that was left out neither its own effect nor its interactions
    are known: they are taken as 0, the mean of the other levels. R² = 1 - squared errors / squared distances from the
    mean of the values in the fit, both summed over the folds; it is negative where the model predicts worse than that
    mean. The difference of the two R² is a mean over folds; its t interval takes the folds as independent, which they
    are not quite (they share most of the fit).
    """
    cells, counts = cells_of(codes, values, levels)
    balanced = (counts == counts.flat[0]).all()
    errors = np.array(
        [
            _balanced_fold(cells, codes, values, factor, k)
            if balanced
            else _fold(codes, values, levels, codes[:, factor] == k)
            for k in range(levels[factor])
        ]
    )
    spread = float(errors[:, 2].sum())
    if not spread > 1e-12:
        nothing = undefined("the values do not vary")
        return CrossValidatedFit(folds=len(errors), main_effects=np.nan, interactions=np.nan, difference=nothing)
    main, interactions = (float(1 - errors[:, k].sum() / spread) for k in (0, 1))
    each = (errors[:, 0] - errors[:, 1]) / errors[:, 2].mean()  # their mean is the difference of the two R²
    return CrossValidatedFit(
        folds=len(errors), main_effects=main, interactions=interactions, difference=_over_folds(each)
    )


def permutation_p(cells: Array, task: int, model: int) -> float | None:
    """p-value of two-way interactions against whole curves exchanged; cells (levels of each factor), one value a cell.

    A curve is what one model does on one task: its values over all other factors. Null hypothesis: what main effects
    leave of the curves is exchangeable between them, so how a curve deviates is tied neither to its task nor to its
    model. Values of one curve stay together, whatever they have in common. Statistic: the sum of squares of all
    two-way interactions after refitting the main effects. All orders of the curves or 10,000 random ones and the
    observed one. Interactions without task and model are the same in every order and are not tested. None where too
    few orders differ (exchanging whole tasks or whole models changes nothing) or where there is no other factor.
    """
    tasks, models = cells.shape[task], cells.shape[model]
    same = factorial(tasks) * factorial(models) * (2 if tasks == models else 1)
    if cells.ndim < 3 or tasks < 2 or models < 2 or factorial(tasks * models) / same < FEWEST:
        return None
    moved = np.moveaxis(cells, (task, model), (0, 1))
    curves = moved - moved.mean() - sum(effect(moved, term) for term in terms_of(moved.ndim, 1))
    curves = curves.reshape(tasks * models, *moved.shape[2:])
    orders, _, _ = exchanges((0,) * (tasks * models))
    assert orders is not None, "curves enough for FEWEST orders that differ have orders"
    statistics = [
        _tied_to_curves(curves[batch].reshape(len(batch), tasks, models, *moved.shape[2:]))
        for batch in np.array_split(orders, len(orders) // BATCH + 1)
    ]
    permuted = np.concatenate(statistics)
    return float((permuted >= permuted[0] * (1 - 1e-9)).mean())


def _balanced_fold(cells: Array, codes: Array, values: Array, factor: int, level: int) -> tuple[float, float, float]:
    """As `_fold`, where all cells hold equally many values: least squares are the marginal means."""
    inside = np.delete(cells, level, axis=factor)
    left_out = codes[:, factor] == level
    target, places = values[left_out], np.where(np.arange(cells.ndim) == factor, 0, codes[left_out])
    shape = np.where(np.arange(cells.ndim) == factor, 1, cells.shape)
    predicted, errors = inside.mean(keepdims=True), []
    for order in (1, 2):
        terms = [term for term in combinations(range(cells.ndim), order) if factor not in term]
        predicted = predicted + sum(effect(inside, term) for term in terms)
        errors.append(float(((target - np.broadcast_to(predicted, shape)[tuple(places.T)]) ** 2).sum()))
    return errors[0], errors[1], float(((target - inside.mean()) ** 2).sum())


def _fold(codes: Array, values: Array, levels: Sequence[int], left_out: Array) -> tuple[float, float, float]:
    """Squared errors of main effects, of main effects and interactions, and of the mean of the values in the fit."""
    inside, known = codes[~left_out], []
    recoded = np.full(codes.shape, -1)
    for k in range(codes.shape[1]):
        present, place = np.unique(inside[:, k], return_inverse=True)
        recoded[~left_out, k] = place
        known.append(len(present))
        lookup = np.full(levels[k], -1)
        lookup[present] = np.arange(len(present))
        recoded[left_out, k] = lookup[codes[left_out, k]]
    target, fitted = values[left_out], values[~left_out]
    errors = []
    for order in (1, 2):
        design = columns(recoded, known, list(terms_of(len(known), order)))
        solution, _ = least_squares(design[~left_out], fitted)
        errors.append(float(((target - design[left_out] @ solution) ** 2).sum()))
    return errors[0], errors[1], float(((target - fitted.mean()) ** 2).sum())


def _over_folds(values: Array) -> Estimate:
    value, method = float(values.mean()), f"t over {len(values)} folds"
    if len(values) < SMALLEST_T:
        method = f"none: {len(values)} folds"
        return Estimate(value=number(value), low=None, high=None, method=method)
    half = float(t_factor(len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(value=number(value), low=number(value - half), high=number(value + half), method=method)


def _tied_to_curves(arrays: Array) -> Array:
    """Sum of squares of the two-way interactions with task (axis 1) or model (axis 2) in each array (axis 0)."""
    total = np.zeros(len(arrays))
    size = arrays[0].size
    for first, second in combinations(range(1, arrays.ndim), 2):
        if first > 2:
            continue
        others = tuple(axis for axis in range(1, arrays.ndim) if axis not in (first, second))
        means = arrays.mean(axis=others)
        means = means - means.mean(axis=1, keepdims=True)
        means = means - means.mean(axis=2, keepdims=True)
        total += (means**2).sum(axis=(1, 2)) * (size / means[0].size)
    return total
