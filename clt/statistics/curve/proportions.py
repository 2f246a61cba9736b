"""Intervals for items that are right or wrong: Wilson and Newcombe, where the bootstrap is not the best answer."""

import numpy as np

from clt.statistics.curve.estimates import CHANGED, CurveEstimates
from clt.statistics.curve.measure import ENGLISH, Kind, Measure
from clt.statistics.inference.interval_method import IntervalMethod
from clt.statistics.inference.intervals import newcombe, wilson
from clt.statistics.scores.curve_data import CurveData
from clt.study import METRICS


def use_wilson(result: CurveEstimates, data: CurveData) -> None:
    """Wilson intervals for single accuracies: one language, one run, items that are right or wrong."""
    if len(data.sample.scores) > 1 or not _is_proportion(data):
        return
    counts = data.sample.mask.sum(axis=0)
    for k, code in enumerate(data.roles.languages):
        for name in (Measure(Kind.LANGUAGE, code), *((ENGLISH,) if k == 0 else ())):
            low, high = wilson(result.value[name], np.full(len(result.value[name]), counts[k]))
            result.low[name][:], result.high[name][:] = low, high
            result.method[name][:] = IntervalMethod.WILSON


def mend_constant(result: CurveEstimates, data: CurveData) -> None:
    """Where every resample gives the same value the bootstrap sees no spread, which is not the same as none.

    For items that are right or wrong: Wilson (means) and Newcombe (changes), counting item clusters, not languages.
    For other scores there is no interval.
    """
    proportion = _is_proportion(data)
    for name, errors in result.error.items():
        for point_index in np.flatnonzero(errors < 1e-12):
            low = high = np.nan
            method: str = "none: constant scores"
            value = result.value[name][point_index]
            if proportion and (name.kind is Kind.LANGUAGE or (name.kind is Kind.LEVEL and name.group in CHANGED)):
                low, high = (float(end) for end in wilson(np.array(value), np.array(_fewest_items(name, data))))
                method = IntervalMethod.WILSON
            elif (
                proportion
                and _is_change(name)
                and data.baseline_index is not None
                and point_index != data.baseline_index
            ):
                levels = result.value[name.level]
                later, earlier = float(levels[point_index]), float(levels[data.baseline_index])
                low, high = newcombe(later, earlier, _fewest_items(name, data))
                method = IntervalMethod.NEWCOMBE
            result.low[name][point_index], result.high[name][point_index], result.method[name][point_index] = (
                low,
                high,
                method,
            )


def _is_change(measure: Measure) -> bool:
    return measure.kind is Kind.CHANGE and measure.group in CHANGED


def _is_proportion(data: CurveData) -> bool:
    scores = data.sample.scores
    facts = METRICS.get(data.identity["metric"])
    return bool(np.isin(scores, (0.0, 1.0)).all()) and (facts is None or facts.high == 1)


def _fewest_items(measure: Measure, data: CurveData) -> int:
    """Items of the language that has fewest, of those that a level, a change or a language's score is about."""
    codes = data.roles.groups().get(measure.group, (measure.group,))
    return int(min(data.sample.mask[:, data.roles.languages.index(code)].sum() for code in codes))
