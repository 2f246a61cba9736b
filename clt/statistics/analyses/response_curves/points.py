"""The points that a response curve is fitted to, on the link scale, and how far each may lie off its curve.

A new run is scored on the same test items. So what these items move alike at every n moves the whole curve and the new
run with it; off the curve a point lies by what its items did at this n alone, and by the noise between runs.
"""

from collections.abc import Sequence

import numpy as np

from clt.statistics.inference.bootstrap import plain_means
from clt.statistics.inference.link import Link, link_of
from clt.statistics.inference.response_fit import FEWEST_POINTS, ResponsePoints
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.inference.run_noise_prior import PRIOR_DF, PRIOR_SOURCE, prior_sd
from clt.statistics.scores.curve_data import CurveData

REPEATED = "repeated runs of the task"
SMALLEST_VARIANCE = 1e-6  # on the link scale: runs and items that agree to the last bit do not make a curve exact
Array = np.ndarray


def response_points(data: CurveData, codes: Sequence[str], run_noise: RunNoise) -> ResponsePoints | str:
    """The points of the mean over some languages, or why there are none to fit.

    Args:
        data: The curve; its base model is no point.
        codes: The languages.
        run_noise: What repeated runs tell; without any, the prior of `run_noise_prior` stands in on a logit scale.
    """
    count = len(data.sample_sizes)
    if count < FEWEST_POINTS:
        return f"needs {FEWEST_POINTS} points, has {count}: {FEWEST_POINTS - count} more"
    columns = [data.roles.languages.index(code) for code in codes]
    by_language = plain_means(data.sample)[int(data.has_base) :, columns]
    if not np.isfinite(by_language).all():
        return "a language has no score at a point"
    scores, link = by_language.mean(axis=1), link_of(data)
    linked = link.of(scores)
    if np.ptp(scores) < 1e-12:
        return "the score is the same at every n"
    if np.ptp(linked) < 1e-12:
        return "every score is at an end of the metric's range"
    own = _of_items(data, columns) / link.slope(scores) ** 2
    noise = _between_runs(data, codes, run_noise, link, by_language)
    if noise is None:
        return "no run is repeated, and on this metric's scale nothing is known of the noise between runs"
    of_run, beyond_items, df, source = noise
    return ResponsePoints(
        n=np.array(data.sample_sizes, dtype=float),
        value=linked,
        variance=np.maximum(own + beyond_items / max(len(data.runs), 1), SMALLEST_VARIANCE),
        new_run=max(of_run if beyond_items < of_run else of_run + float(own[-1]), SMALLEST_VARIANCE),
        df=df,
        noise_source=source,
        link=link,
        sign=1.0 if data.higher_is_better else -1.0,
    )


def _of_items(data: CurveData, columns: Sequence[int]) -> Array:
    """Variance of the means by what items do at one n alone, in the metric's unit squared (points,); 0 for means.

    The items' influences have a variance at each point and a covariance between points (Liang and Zeger 1986); the
    mean covariance is what they have in common. No mean is known better than to one answer: where all are wrong the
    influences say nothing.
    """
    sample, count = data.sample, len(data.sample_sizes)
    if not data.has_items or (sample.mask[:, columns].sum(axis=0) < 2).any():
        return np.zeros(count)
    scores = sample.scores[:, :, int(data.has_base) :][..., columns].mean(axis=0)
    mask = sample.mask[:, None, columns]
    each = mask.sum(axis=0)
    influence = ((scores - scores.sum(axis=0) / each) * mask / each).mean(axis=-1)
    fewest = int(each.min())
    covariance = influence.T @ influence * (fewest / (fewest - 1))
    common = (covariance.sum() - np.trace(covariance)) / (count * (count - 1))
    one_answer = np.ptp(scores) / (fewest * len(columns))
    return np.asarray(np.maximum(np.diag(covariance) - max(common, 0.0), one_answer**2))


def _between_runs(
    data: CurveData, codes: Sequence[str], run_noise: RunNoise, link: Link, by_language: Array
) -> tuple[float, float, float, str] | None:
    """Variance of one run, the part of it beyond the items answered anew, on the link scale, their df and source."""
    pooled = run_noise.pooled_sd_over(data, codes)
    slopes = link.slope(by_language.mean(axis=1))
    if pooled is not None:
        squared = float((slopes**2).mean())
        beyond = max(pooled.sd**2 - pooled.item_component**2, 0.0)
        return pooled.sd**2 / squared, beyond / squared, float(pooled.df), REPEATED
    if not link.is_logit:
        return None
    ratios = [prior_sd(link, means) / slope for means, slope in zip(by_language, slopes, strict=True)]
    variance = float(np.square(ratios).mean())
    return variance, variance, float(PRIOR_DF), PRIOR_SOURCE
