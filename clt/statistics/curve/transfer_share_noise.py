"""Run-to-run noise in the transfer share, a ratio of two changes that share their items and their runs."""

import numpy as np

from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import GAP, HELD_OUT_CHANGE, TRAINED_CHANGE, TRANSFER_SHARE, Measure
from clt.statistics.inference.fieller import fieller_bounds
from clt.statistics.inference.interval_method import WITH_RUN_NOISE, IntervalMethod
from clt.statistics.inference.intervals import t_factor
from clt.statistics.inference.run_noise import PooledSD
from clt.statistics.scores.curve_data import CurveData

Array = np.ndarray
CHANGES = (HELD_OUT_CHANGE, TRAINED_CHANGE)  # numerator and denominator


def add_to_transfer_share(measured: CurveEstimates, data: CurveData, spreads: dict[Measure, PooledSD]) -> None:
    """Fieller's interval of items and runs for the transfer share, put in place of that of the items.

    `measured` has the errors of both changes with the noise of runs already; what both have in common is found here.
    Never narrower than the items' own interval. Where the change of S is within its noise the share is undefined.
    """
    if data.baseline_index is None or any(change.level not in spreads for change in (*CHANGES, GAP)):
        return
    value, errors = (np.stack([part[change] for change in CHANGES]) for part in (measured.value, measured.error))
    df = np.minimum(*(measured.df[change] for change in CHANGES))
    shared = _correlation(data, spreads) * errors.prod(axis=0)
    covariance = np.stack([np.stack([errors[0] ** 2, shared]), np.stack([shared, errors[1] ** 2])])
    low, high = fieller_bounds(value[0], value[1], covariance, t_factor(df))
    noisy = np.isin([measured.method[change] for change in CHANGES], list(WITH_RUN_NOISE)).all(axis=0)
    measured.value[TRANSFER_SHARE] = np.where(noisy & np.isnan(low), np.nan, measured.value[TRANSFER_SHARE])
    for part, ends, wider in ((measured.low, low, np.fmin), (measured.high, high, np.fmax)):
        part[TRANSFER_SHARE] = np.where(noisy, wider(ends, part[TRANSFER_SHARE]), part[TRANSFER_SHARE])
    method = IntervalMethod.FIELLER_ITEMS_AND_RUNS if data.has_items else IntervalMethod.FIELLER_RUNS
    measured.method[TRANSFER_SHARE][noisy] = method


def _correlation(data: CurveData, spreads: dict[Measure, PooledSD]) -> Array:
    """Correlation of the errors of both changes at every point (points,), from items and runs together."""
    covariance = _of_items(data) if data.has_items else np.zeros((2, 2, data.sample.scores.shape[2]))
    covariance = covariance + 2 / max(len(data.runs), 1) * _of_runs(spreads)[..., None]
    product = covariance[0, 0] * covariance[1, 1]
    return np.divide(covariance[0, 1], np.sqrt(product), out=np.zeros(product.shape), where=product > 0)


def _of_runs(spreads: dict[Measure, PooledSD]) -> Array:
    """Covariance (2, 2) of U and S between runs beyond what the items account for."""
    held_out, trained, gap = (
        spread.sd**2 - spread.item_component**2 for spread in (spreads[measure.level] for measure in (*CHANGES, GAP))
    )
    held_out, trained = max(held_out, 0.0), max(trained, 0.0)
    most = np.sqrt(held_out * trained)
    shared = np.clip((held_out + trained - gap) / 2, -most, most)  # the gap is S - U
    return np.array([[held_out, shared], [shared, trained]])


def _of_items(data: CurveData) -> Array:
    """Covariance (2, 2, points) of the changes of U and S that the items leave, each item a cluster."""
    scores, counts = data.sample.scores.mean(axis=0), data.sample.mask.sum(axis=0)
    changes = scores - scores[:, [data.baseline_index]]  # (items, points, languages)
    share = data.sample.mask / np.maximum(counts, 1)
    influence = (changes - (changes * share[:, None]).sum(axis=0)) * share[:, None]
    columns = [[data.roles.languages.index(code) for code in data.roles.groups()[change.group]] for change in CHANGES]
    of_groups = np.stack([influence[..., where].mean(axis=-1) for where in columns])
    return np.asarray(np.einsum("gip,hip->ghp", of_groups, of_groups))
