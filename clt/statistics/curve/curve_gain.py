"""The cross-fitted gains of one curve: of R (in points), S and U."""

import numpy as np

from clt.statistics.curve.estimates import GAINED, CurveEstimates
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.measures import group_means, relative
from clt.statistics.inference.cross_fitting import cross_fitted_gains
from clt.statistics.inference.interval_method import IntervalMethod
from clt.statistics.inference.intervals import t_factor
from clt.statistics.scores.curve_data import CurveData

Array = np.ndarray


def add_cross_fitted(result: CurveEstimates, data: CurveData, defined: Array, df: int) -> None:
    """Cross-fitted gains of R (in points), S and U, with t intervals of so many degrees of freedom, added in place.

    The standard error is that of the change from n = 0 to one fixed n, averaged over the n that were chosen. It takes
    no credit for averaging over several n: the gains of two halves depend on each other through the choices, and an
    error that adds the items' contributions as if they did not is too small where the best points are alike
    (benchmarks/coverage.py; the dependence of cross-validation's parts: Bengio and Grandvalet 2004, JMLR 5).
    """
    value, error = np.full((2, len(GAINED)), np.nan)
    if data.baseline_index is not None and len(data.sample_sizes) > 1:
        value, shares = gains_and_choices(data, defined)
        errors = np.stack([result.error[Measure(Kind.CHANGE, name)][int(data.has_base) :] for name in GAINED], axis=-1)
        error = np.where(shares > 0, shares * errors, 0).sum(axis=0) * np.where(np.array(GAINED) == "relative", 100, 1)
    error = np.where(np.isfinite(value), error, np.nan)
    half = t_factor(df) * error
    for k, name in enumerate(Measure(Kind.CROSS_FITTED, group) for group in GAINED):
        result.value[name], result.error[name] = value[k : k + 1], error[k : k + 1]
        result.low[name], result.high[name] = value[k : k + 1] - half[k], value[k : k + 1] + half[k]
        result.df[name] = np.full(1, float(df))
        result.method[name] = np.array([IntervalMethod.T_CROSS_FITTED], dtype=object)


def gains_and_choices(data: CurveData, defined: Array) -> tuple[Array, Array]:
    """Cross-fitted gains (3,) of R, S and U, and the share of halves that chose each n (points, 3).

    `defined` (points,) tells where R may be computed. Needs a point n = 0 and another.
    """
    assert data.baseline_index is not None, "the caller has looked"
    start = int(data.has_base)

    def gained(means: Array) -> Array:
        groups = group_means(means, data.roles)
        with np.errstate(invalid="ignore"):
            share = np.where(defined, 100 * relative(groups["non_english"], groups["english"]), np.nan)
        return np.stack((share, groups["trained"], groups["held_out"]), axis=-1)[..., start:, :]

    return cross_fitted_gains(
        data.sample, gained, baseline_index=data.baseline_index - start, higher_is_better=data.higher_is_better
    )
