"""Run-to-run noise in the intervals of a curve: what items cannot show, and all there is for printed means."""

from dataclasses import replace

import numpy as np

from clt.statistics.curve.estimates import CHANGED, CurveEstimates
from clt.statistics.curve.measure import ENGLISH, RELATIVE, Kind, Measure
from clt.statistics.curve.measuring import levels
from clt.statistics.curve.metric_range import metric_range
from clt.statistics.curve.transfer_share_noise import add_to_transfer_share
from clt.statistics.inference.interval_method import IntervalMethod
from clt.statistics.inference.intervals import t_factor
from clt.statistics.inference.run_noise import PooledSD, RunNoise, joint_error
from clt.statistics.scores.curve_data import CurveData

Array = np.ndarray
LOG_RELATIVE = Measure(Kind.LEVEL, "log relative")
GAIN_OF_RELATIVE = Measure(Kind.GAIN, "relative")


def with_run_noise(measured: CurveEstimates, data: CurveData, run_noise: RunNoise) -> CurveEstimates:
    """The same values with t intervals that cover run-to-run noise, from the repeated runs of the task.

    Scores per item: the variance between runs is added to that of the items, for points, changes, cross-fitted gains
    and the bounds of later improvements; raw gains stay as they are. With one run the n of a cross-fitted gain is
    chosen and measured on the same run, and its value is too large by that run's own deviation. Printed means: the
    variance between runs alone, and the raw gain's interval ignores that its n was chosen. No interval gets narrower
    than that of the items alone. Where 0 is inside the interval of English, R is undefined. Else unchanged where no
    run was repeated.
    """
    spreads = _spreads(data, run_noise)
    if not spreads:
        return _without_relative(measured, data)
    value_of, low, high, error, method, df = (
        {name: array.copy() for name, array in part.items()}
        for part in (measured.value, measured.low, measured.high, measured.error, measured.method, measured.df)
    )
    bottom, top = metric_range(measured, data)
    for name, value in measured.value.items():
        spread = _spread(name, data, spreads)
        if spread is None:
            continue
        scale = _scale(name, measured, data)
        items = measured.error[name] if data.has_items else np.zeros(value.shape)
        noisy = np.isfinite(value) & np.isfinite(scale) & ((items > 1e-12) | (not data.has_items))
        noisy &= _is_trained(name, data)
        alone = np.where(noisy & data.has_items, (high[name] - low[name]) / 2, 0.0)
        joint, half, degrees = _joined(items, alone, spread, scale, measured.df.get(name), data)
        error[name] = np.where(noisy, joint, error[name])
        df[name] = np.where(noisy, degrees, df.get(name, np.inf))
        low[name], high[name] = np.where(noisy, value - half, low[name]), np.where(noisy, value + half, high[name])
        if name.kind is Kind.LANGUAGE or (name.kind is Kind.LEVEL and name.group in CHANGED):
            low[name], high[name] = np.maximum(low[name], bottom), np.minimum(high[name], top)
        method[name][noisy] = IntervalMethod.T_ITEMS_AND_RUNS if data.has_items else IntervalMethod.T_RUNS
    steps = {name: _step_bounds(name, measured, data, spreads) for name in measured.step_bounds}
    noisy_estimates = replace(
        measured, value=value_of, low=low, high=high, error=error, method=method, df=df, step_bounds=steps
    )
    add_to_transfer_share(noisy_estimates, data, spreads)
    return _without_relative(noisy_estimates, data)


def _joined(
    items: Array, alone: Array, spread: PooledSD, scale: Array, item_df: Array | None, data: CurveData
) -> tuple[Array, Array, Array]:
    """Standard errors of items and runs together, half widths and degrees of freedom, each shaped like `items`.

    `scale` is what the spread of one run is multiplied by, `alone` half of the interval of the items alone: t with
    more degrees of freedom, or resamples that are skewed, could be narrower with the runs than without.
    """
    runs = np.sqrt(max(len(data.runs), 1))
    item_component = spread.item_component * scale / runs if data.has_items else 0.0
    fewest = np.inf if item_df is None or not data.has_items else float(item_df.flat[0])
    joint, df = joint_error(items, spread.sd * scale / runs, spread.df, item_component=item_component, item_df=fewest)
    widest = np.fmax(np.fmax(t_factor(df) * joint, t_factor(fewest) * items), alone)
    return widest / t_factor(df), widest, df


def _is_trained(measure: Measure, data: CurveData) -> Array:
    """Which values of a measure rest on training: a base model has no run-to-run noise, nor has n = 0 over n = 0."""
    trained = np.ones(len(data.sample_sizes) + data.has_base, dtype=bool)
    if measure.is_gain:
        return trained[:1]
    if data.has_base:
        trained[0] = False
    if measure.kind is Kind.CHANGE and data.baseline_index is not None:
        trained[data.baseline_index] = False
    return trained


def _spreads(data: CurveData, run_noise: RunNoise) -> dict[Measure, PooledSD]:
    """Pooled standard deviation of every measure of a single point, as if each repeated run were a point of the curve.

    That of R is of its logarithm: R goes from a tenth to two thirds along a curve, and its noise with it.
    """

    def measures(scores: Array) -> dict[Measure, Array]:
        by_measure = levels(scores, data.roles, np.abs(scores[:, 0]) > 1e-12)
        share = by_measure.pop(RELATIVE)
        with np.errstate(invalid="ignore", divide="ignore"):
            return by_measure | {LOG_RELATIVE: np.where(share > 0, np.log(share), np.nan)}

    by_measure = run_noise.pooled_sds(data, measures)
    single = run_noise.pooled_sd_over(data, data.roles.languages[1:2])  # of any one language but English
    if single is not None:
        by_measure |= {Measure(Kind.LANGUAGE, code): single for code in data.roles.languages[1:]}
        alone = [group for group, codes in data.roles.groups().items() if len(codes) == 1 and group != "english"]
        by_measure |= {Measure(Kind.LEVEL, group): single for group in alone}
    return by_measure


def _spread(measure: Measure, data: CurveData, spreads: dict[Measure, PooledSD]) -> PooledSD | None:
    """That of one run in the level that a measure is made of; None for those that repeats say nothing about."""
    if measure.kind is Kind.SHARE or (measure.is_gain and (measure.kind is Kind.CROSS_FITTED) != data.has_items):
        return None
    return spreads.get(LOG_RELATIVE if measure.level == RELATIVE else measure.level)


def _scale(measure: Measure, measured: CurveEstimates, data: CurveData) -> Array:
    """What the spread of one run is multiplied by at every value of a measure, (points,) or, for gains, (1,).

    A difference of two runs has twice the variance. R takes its relative noise times R (the delta method), and none
    where R is not positive.
    """
    compared = measure.is_gain or measure.kind is Kind.CHANGE
    if measure.level != RELATIVE:
        return np.full(measured.value[measure].shape, np.sqrt(2) if compared else 1.0)
    share = measured.value[RELATIVE]
    with np.errstate(invalid="ignore"):
        share = np.where(share > 0, share, np.nan)
    if not compared:
        return share
    if data.baseline_index is None:
        return np.full(measured.value[measure].shape, np.nan)
    both = np.hypot(share, share[data.baseline_index])
    if measure.kind is Kind.CHANGE:
        return both
    index = int(data.has_base) + measured.gain_at[GAIN_OF_RELATIVE]
    return 100 * both[index : index + 1]  # in points


def _step_bounds(
    group: str, measured: CurveEstimates, data: CurveData, spreads: dict[Measure, PooledSD]
) -> dict[tuple[int, int], float]:
    """Upper 97.5% bounds of later improvements with the noise of two runs; indices count from the first n."""
    level, before = Measure(Kind.LEVEL, group), measured.step_bounds[group]
    spread = spreads.get(level)
    if spread is None:
        return before
    sign = 1 if data.higher_is_better else -1
    curve = sign * measured.value[level][int(data.has_base) :]
    earlier, later = np.triu_indices(len(curve), k=1)
    pairs = [(int(i), int(j)) for i, j in zip(earlier, later, strict=True)]
    better = curve[later] - curve[earlier]
    item_df = measured.df.get(level)
    alone, items = np.zeros((2, len(pairs)))
    if data.has_items and item_df is not None:
        alone = np.array([before[pair] for pair in pairs]) - better
        items = np.maximum(alone, 0.0) / t_factor(float(item_df.flat[0]))
    half = _joined(items, alone, spread, np.full(len(pairs), np.sqrt(2)), item_df, data)[1]
    return dict(zip(pairs, (better + half).tolist(), strict=True))


def _without_relative(measured: CurveEstimates, data: CurveData) -> CurveEstimates:
    """R undefined where the interval of English includes 0, and with it the changes and gains that rest on it.

    A raw gain rests on n = 0 and on the n where it stands, a cross-fitted one on every n that could be chosen.
    """
    value, low, high = (
        {name: array.copy() for name, array in part.items()} for part in (measured.value, measured.low, measured.high)
    )
    lost = np.isfinite(value[RELATIVE]) & (low[ENGLISH] <= 0) & (high[ENGLISH] >= 0)
    if not lost.any():
        return measured
    counted = lost[int(data.has_base) :]  # the n that a gain chooses from
    at_zero = data.baseline_index is not None and bool(lost[data.baseline_index])
    gone = {
        RELATIVE: lost,
        Measure(Kind.CHANGE, "relative"): lost | at_zero,
        GAIN_OF_RELATIVE: np.array([at_zero or counted[measured.gain_at[GAIN_OF_RELATIVE]]]),
        Measure(Kind.CROSS_FITTED, "relative"): np.array([counted.any()]),
    }
    for name, where in gone.items():
        for part in (value, low, high):
            part[name][where] = np.nan
    return replace(measured, value=value, low=low, high=high)
