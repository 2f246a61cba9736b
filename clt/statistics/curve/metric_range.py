"""The range of a curve's metric, as far as it is known."""

import numpy as np

from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.scores.curve_data import CurveData
from clt.study import METRICS


def metric_range(measured: CurveEstimates, data: CurveData) -> tuple[float, float]:
    """Lowest and highest score that an item can have, infinite where it is not known or there is none.

    A curve with means outside the metric's range is on another scale, such as percent: nothing is known of that.
    """
    facts = METRICS.get(data.identity["metric"])
    if facts is None:
        return -np.inf, np.inf
    low, high = facts.low, np.inf if facts.high is None else facts.high
    means = curve_means(measured, data)
    return (low, high) if ((means >= low) & (means <= high)).all() else (-np.inf, np.inf)


def curve_means(measured: CurveEstimates, data: CurveData) -> np.ndarray:
    """The means of all languages at all points that are known, (means,)."""
    means = np.concatenate([measured.value[Measure(Kind.LANGUAGE, code)] for code in data.roles.languages])
    return means[np.isfinite(means)]
