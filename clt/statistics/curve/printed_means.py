"""Intervals of printed means, from the number of items behind them: Wilson for a mean, Newcombe for a change.

The scores per item are not known. But items that score between 0 and 1 with mean p vary by p (1 - p) at most, which is
the variance of right-or-wrong items: the intervals are right for accuracies and too wide for shares such as ROUGE-L.
"""

from dataclasses import replace

import numpy as np

from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.metric_range import curve_means
from clt.statistics.inference.interval_method import IntervalMethod
from clt.statistics.inference.intervals import Z, newcombe, wilson
from clt.statistics.scores.curve_data import CurveData
from clt.study import METRICS

Array = np.ndarray


def with_printed_means(measured: CurveEstimates, data: CurveData) -> CurveEstimates:
    """The same values, with an interval for means and changes that have none, where the table says `n_items`.

    Call it last: where runs were repeated their interval stands already. Parallel items are one cluster, so a mean
    over languages rests on as many items as one of its languages (the one with fewest), and a change from n = 0 on as
    many as the smaller of its ends; that both ends use the same items is not made use of. Unchanged for scores that
    do not lie between 0 and 1 and without `n_items`. Wilson (1927); Newcombe (1998), method 10.
    """
    if data.mean_items is None or not _is_share(measured, data):
        return measured
    low, high, error, method, df = (
        {name: array.copy() for name, array in part.items()}
        for part in (measured.low, measured.high, measured.error, measured.method, measured.df)
    )
    for name, value in measured.value.items():
        is_change = name.kind is Kind.CHANGE
        items = _items(name, data)
        if items is None:
            continue
        ends = _changes(measured.value[name.level], items, data.baseline_index) if is_change else wilson(value, items)
        new = np.isfinite(value) & ~np.isfinite(low[name]) & np.isfinite(ends[0])
        low[name][new], high[name][new] = ends[0][new], ends[1][new]
        error[name][new] = (ends[1] - ends[0])[new] / (2 * Z)
        df.setdefault(name, np.full(value.shape, np.inf))[new] = np.inf
        method[name][new] = (
            IntervalMethod.NEWCOMBE_OF_PRINTED_MEANS if is_change else IntervalMethod.WILSON_OF_PRINTED_MEAN
        )
    return replace(measured, low=low, high=high, error=error, method=method, df=df)


def _is_share(measured: CurveEstimates, data: CurveData) -> bool:
    """Whether items score between 0 and 1. Of a metric that is not known here, the means have to tell."""
    if facts := METRICS.get(data.identity["metric"]):
        return facts.low == 0 and facts.high == 1
    means = curve_means(measured, data)
    return data.higher_is_better and bool(((means >= 0) & (means <= 1)).all())


def _items(measure: Measure, data: CurveData) -> Array | None:
    """Items behind a mean, or behind both of a change, at every point (points,), NaN where not known.

    None if the measure is no mean over languages.
    """
    codes: tuple[str, ...] = ()
    if measure.kind is Kind.LANGUAGE:
        codes = (measure.group,)
    elif measure.kind in (Kind.LEVEL, Kind.CHANGE):
        codes = data.roles.groups().get(measure.group, ())
    if not codes or data.mean_items is None:
        return None
    return np.asarray(data.mean_items[:, [data.roles.languages.index(code) for code in codes]].min(axis=1))


def _changes(levels: Array, items: Array, baseline_index: int | None) -> tuple[Array, Array]:
    """Bounds of every point's change from n = 0 ; NaN at n = 0 itself and without it."""
    low, high = np.full((2, len(levels)), np.nan)
    for index in range(len(levels)) if baseline_index is not None else ():
        fewest = min(items[index], items[baseline_index])
        if (
            index != baseline_index
            and np.isfinite([levels[index], levels[baseline_index], items[index], items[baseline_index]]).all()
        ):
            low[index], high[index] = newcombe(float(levels[index]), float(levels[baseline_index]), int(fewest))
    return low, high
