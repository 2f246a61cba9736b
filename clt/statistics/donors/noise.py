"""Scores of a design on the link scale, and what their errors come from: items and runs.

Items: every item's influence on every mean, paired wherever two points share it. Runs: how far they differ is what
repeated runs tell beside the prior of run_noise_prior.py, as further degrees of freedom; the fit (posterior.py) learns
it from its residuals too. Of losses the prior knows nothing: without repeats the residuals alone have to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.donors.design import Design, TrainedPoint
from clt.statistics.inference.bootstrap import plain_means
from clt.statistics.inference.link import Link, link_of
from clt.statistics.inference.run_noise import PooledSD, RunNoise
from clt.statistics.inference.run_noise_prior import PRIOR_DF, prior_covariance
from clt.statistics.scores.curve_data import CurveData

ONE_RUN = float(prior_covariance(1).item())  # variance between runs of one language's score, on the link scale
SMALLEST = 0.2  # of the run noise, as a multiple of the prior's: repeats may agree by chance
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Scores of P points in L languages on the link scale, flattened to N = P x L, in units of `unit`."""

    link: Link
    unit: float  # 1 on a logit or log scale; else the scores' spread, so that effects are of order 1 on any scale
    value: Array  # (N,)
    influence: Array  # (items, N): what every item moves a value by; no item where only means are known
    runs: Array  # (P,): how many each point is the mean of
    factor: float  # what multiplies the runs' standard deviation, as far as repeated runs tell
    df: float  # degrees of freedom of the factor; 0: nothing is known, the residuals have to tell

    def score(self, linked: Array) -> Array:
        """Scores in the metric's unit from values on the link scale, of any shape."""
        return self.link.score(linked * self.unit)


def response_of(design: Design, run_noise: RunNoise) -> Response:
    """What the points of a design scored, with the covariance of their errors."""
    curves = {p.data.id: p.data for p in design.points}
    links = {link_of(data) for data in curves.values()}
    link = links.pop() if len(links) == 1 else Link(-np.inf, np.inf)
    by_curve = {name: plain_means(data.sample)[:, _columns(data, design.languages)] for name, data in curves.items()}
    means = np.stack([by_curve[p.data.id][p.index] for p in design.points])
    linked, slopes = link.of(means), link.slope(means)
    unit = 1.0 if link.is_known else float((linked - linked.mean(axis=0)).std()) or 1.0
    factor, df = _factor(design, run_noise, float(np.sqrt((slopes**2).mean())) * unit, prior=link.is_logit)
    return Response(
        link=link,
        unit=unit,
        value=(linked / unit).ravel(),
        influence=_item_influence(design, slopes * unit),
        runs=np.array([max(len(p.data.runs), 1) for p in design.points], dtype=float),
        factor=factor,
        df=df,
    )


def _columns(data: CurveData, codes: Sequence[str]) -> list[int]:
    return [data.roles.languages.index(code) for code in codes]


def _item_influence(design: Design, slopes: Array) -> Array:
    """Influence on each mean, divided by what a score changes for one unit of the link scale; its squares add up."""
    if not all(p.data.has_items for p in design.points):
        return np.zeros((0, slopes.size))
    names = sorted({name for p in design.points for name in p.data.sample.items})
    influence = np.zeros((len(names), *slopes.shape))
    for k, point in enumerate(design.points):
        rows = np.searchsorted(np.array(names), point.data.sample.items)
        influence[rows, k] = _influence(point, design.languages) / slopes[k]
    return influence.reshape(len(names), -1)


def _influence(point: TrainedPoint, codes: Sequence[str]) -> Array:
    """(items, languages), such that the sum of squares is the variance of the mean."""
    columns = _columns(point.data, codes)
    mask = point.data.sample.mask[:, columns]
    scores = point.data.sample.scores[:, :, point.index][..., columns].mean(axis=0) * mask
    count = mask.sum(axis=0)
    return mask * (scores - scores.sum(axis=0) / count) / count * np.sqrt(count / np.maximum(count - 1, 1))


def _factor(design: Design, run_noise: RunNoise, slope: float, *, prior: bool) -> tuple[float, float]:
    """How many times the prior's standard deviation runs differ by, and how many degrees of freedom tell it."""
    spreads: dict[object, PooledSD] = {}
    for point in design.points:
        spread = run_noise.pooled_sd_over(point.data, design.languages[-1:])  # English has noise of its own
        if spread is not None:
            spreads[run_noise.pool(point.data)] = spread
    told = [(max(s.sd**2 - s.item_component**2, 0.0) / slope**2 / ONE_RUN, s.df) for s in spreads.values()]
    if prior:
        told.append((1.0, PRIOR_DF))
    df = float(sum(each for _, each in told))
    if not df:
        return 1.0, 0.0
    return max(float(np.sqrt(sum(square * each for square, each in told) / df)), SMALLEST), df
