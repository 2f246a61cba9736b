"""The scale on which effects and noise add up: logit between a metric's two ends, log where there is but one."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from clt.statistics.scores.curve_data import CurveData
from clt.study import METRICS

Array = np.ndarray
NEAREST = 0.005  # to an end, as a share of the range: at 0 of 100 items the logit would be infinite


@dataclass(frozen=True, slots=True)
class Link:
    """Logit between `low` and `high`; log above `low` where `high` is infinite; the score itself where both are."""

    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Whether it is a logit or a log: what was learned on one such scale can be said of another."""
        return bool(np.isfinite(self.low))

    @property
    def is_logit(self) -> bool:
        """Whether it is the scale on which the paper's runs tell how much runs differ: losses have no such source."""
        return bool(np.isfinite(self.high))

    def of(self, score: Array) -> Array:
        """Scores, of any shape, on the link scale; those at an end as if they were `NEAREST` to it."""
        if np.isfinite(self.high):
            return np.asarray(logit(np.clip((score - self.low) / (self.high - self.low), NEAREST, 1 - NEAREST)))
        return np.log(np.maximum(score - self.low, NEAREST)) if self.is_known else np.asarray(score, dtype=float)

    def score(self, linked: Array) -> Array:
        """The reverse of `of`, of any shape, in the metric's unit."""
        if np.isfinite(self.high):
            return np.asarray(self.low + (self.high - self.low) * expit(linked))
        return self.low + np.exp(linked) if self.is_known else np.asarray(linked, dtype=float)

    def slope(self, score: Array) -> Array:
        """How much a score changes for one unit of the link scale, at scores of any shape."""
        if np.isfinite(self.high):
            share = np.clip((score - self.low) / (self.high - self.low), NEAREST, 1 - NEAREST)
            return np.asarray((self.high - self.low) * share * (1 - share))
        return np.maximum(score - self.low, NEAREST) if self.is_known else np.ones(np.shape(score))


def link_of(data: CurveData) -> Link:
    """That of a curve's metric. An unknown metric is taken for a share where all of its scores could be one."""
    scores = data.sample.scores[:, data.sample.mask[:, None, :] & data.sample.present[None]]
    facts = METRICS.get(data.identity["metric"])
    low, high = (0.0, 1.0) if facts is None else (facts.low, np.inf if facts.high is None else facts.high)
    if len(scores) and scores.size and scores.min() >= low and scores.max() <= high:
        return Link(low, high)
    return Link(-np.inf, np.inf)
