"""A contrast: a weighted sum of points of curves, paired by item, with its standard error and t interval.

Comparisons, the transfer matrix and recommendations are contrasts of mean scores, which are linear in the scores. So
no resampling is needed: with scores per item the standard error is the one of cluster-robust regression with the item
as the cluster (Liang and Zeger 1986, Biometrika 73, with the factor I / (I - 1), where I counts the items of the
language that has fewest; for evaluations Miller 2024, arXiv 2411.00640, section 2.2). For one language it is that of
the paired t test. Where runs were repeated, their variance is added, every curve's own or that of its task, with the
degrees of freedom of Satterthwaite (1946, Biometrics Bulletin 2).

With printed means only, nothing is known about items: they are taken as given. The contrast at every n is then one
replicate. Runs at different n are trained apart, so under no difference the replicates are independent, with mean 0
and, taking the run-to-run noise to be the same at every n, one variance: the one-sample t test over n is exact for
normal noise. If the difference depends on n, the spread over n holds that too, and the interval is too wide rather
than too narrow. English-only runs are no replicates (curves share them, and they are subtracted at every n): a
contrast that holds them has the noise of repeated runs instead.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from clt.statistics.inference.bootstrap import plain_means
from clt.statistics.inference.interval_method import Coverage, IntervalMethod
from clt.statistics.inference.intervals import t_factor
from clt.statistics.inference.repeated_runs import same_run
from clt.statistics.inference.run_noise import PooledSD, RunNoise, joint_error
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number, undefined

Array = np.ndarray
Name = TypeVar("Name", bound=Hashable)  # of a group of languages
SMALLEST_T = 3  # replicates for a t interval
NO_SPREAD = 1e-12  # below it a standard error is rounding


@dataclass(frozen=True, slots=True)
class Term:
    """One point of one curve and its weight in the sum."""

    data: CurveData
    point_index: int  # index on the points axis of data.sample
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A contrast of one group of languages."""

    estimate: Estimate
    error: float | None = None  # standard error; None: no interval
    df: float = np.inf  # degrees of freedom of its t distribution
    items: int = 0  # items that every term has; 0 where there are only means
    covers: Coverage = Coverage.NOTHING  # by the interval


@dataclass(frozen=True, slots=True)
class ItemSum:
    """A sum of terms, item by item: what each item moves the value by."""

    value: float
    items: tuple[str, ...]
    influence: Array  # (items,), sums to 0
    fewest: int  # items of the language that has fewest: what the error rests on, as languages may share none

    @property
    def unbiased(self) -> Array:
        """Influence such that its sum of squares is the variance of the value."""
        return self.influence * np.sqrt(self.fewest / (self.fewest - 1))


@dataclass(frozen=True, slots=True)
class TrainedPoint:
    """The runs of one point, and their weight in a sum."""

    data: CurveData  # of the curves that share them the first by name
    point_index: int  # on its points axis
    weight: float
    runs: int


@dataclass(frozen=True, slots=True)
class RunError:
    """Run-to-run noise of a sum; 0 where no run was repeated."""

    error: float = 0.0  # standard error
    df: float = np.inf
    item_component: float = 0.0  # the part of the error that the items account for


def contrast(
    replicates: Sequence[Sequence[Term]], groups: Mapping[Name, tuple[str, ...]], run_noise: RunNoise
) -> dict[Name, Contrast]:
    """Mean over replicates of the sum of their terms, for each group of languages (mean over the group).

    Args:
        replicates: Sums of points of curves, one for every n; all curves hold every language of the groups.
        groups: Name -> the languages whose mean is contrasted; without any the contrast is undefined.
        run_noise: What repeated runs tell of the noise between runs.

    Returns:
        The contrast of every group, with its error and what that covers.

    Source: Liang and Zeger (1986), Biometrika 73; Miller (2024), arXiv 2411.00640, section 2.2.
    """
    terms = [Term(t.data, t.point_index, t.weight / len(replicates)) for terms in replicates for t in terms]
    contrasts = {}
    for name, codes in groups.items():
        if not codes:
            contrasts[name] = Contrast(estimate=undefined("no language"))
        elif reason := missing(terms, codes):
            contrasts[name] = Contrast(estimate=undefined(reason))
        elif all(term.data.has_items for term in terms):
            contrasts[name] = _of_items(terms, codes, run_noise)
        else:
            contrasts[name] = _of_means(replicates, terms, codes, run_noise)
    return contrasts


def missing(terms: Sequence[Term], codes: Sequence[str]) -> str:
    """Why a sum of terms is undefined for some languages; empty if it is defined."""
    for term in terms:
        if not term.data.sample.present[term.point_index, _columns(term, codes)].all():
            return "a language has no score at a point"
    if all(term.data.has_items for term in terms):
        mask = _common(terms, codes)[1]
        if mask.sum(axis=0).min() < 2:
            return "fewer than two items in common"
    return ""


def item_sum(terms: Sequence[Term], codes: Sequence[str]) -> ItemSum:
    """The sum of terms on the items that all of them have; a language's mean is over its own such items.

    The influence of item i is the sum over its languages k of (score_ik - mean_k) / (items of k x languages).
    """
    items, mask = _common(terms, codes)
    scores = np.zeros(mask.shape)
    for term in terms:
        rows = np.searchsorted(np.array(term.data.sample.items), items)
        scores += term.weight * term.data.sample.scores[:, rows, term.point_index][..., _columns(term, codes)].mean(
            axis=0
        )
    share = mask / mask.sum(axis=0) / len(codes)
    means = (scores * mask).sum(axis=0) / mask.sum(axis=0)
    fewest = int(mask.sum(axis=0).min())
    return ItemSum(float(means.mean()), items, ((scores - means) * share).sum(axis=1), fewest)


def mean_sum(terms: Sequence[Term], codes: Sequence[str]) -> float:
    """The sum of terms where only means are known."""
    means = [(t.weight, plain_means(t.data.sample)[t.point_index, _columns(t, codes)].mean()) for t in terms]
    return float(sum(weight * mean for weight, mean in means))


def trained_points(terms: Sequence[Term]) -> dict[tuple[object, ...], TrainedPoint]:
    """The trained points of a sum, by what tells them apart; English-only runs may stand in several curves."""
    points: dict[tuple[object, ...], TrainedPoint] = {}
    for term in sorted(terms, key=lambda term: term.data.id):
        key = same_run(term.data, term.point_index)
        before = points.get(key) or TrainedPoint(term.data, term.point_index, 0.0, max(len(term.data.runs), 1))
        points[key] = replace(before, weight=before.weight + term.weight)
    return points


def run_error(points: Sequence[TrainedPoint], known: Sequence[tuple[object, PooledSD]]) -> RunError:
    """Run-to-run noise of a sum from the pool and spread of every point; `known` is empty where nothing was repeated.

    Variances that are estimated apart add up with the degrees of freedom of Satterthwaite (1946).
    """
    parts: dict[object, float] = {}
    freedom: dict[object, int] = {}
    item_component = 0.0
    for point, (pool, spread) in zip(points, known, strict=True) if known else ():
        share = point.weight**2 / point.runs
        parts[pool] = parts.get(pool, 0.0) + share * spread.sd**2
        freedom[pool] = min(freedom.get(pool, spread.df), spread.df)
        item_component += share * spread.item_component**2
    variance = sum(parts.values())
    if not variance > 0:
        return RunError()
    df = variance**2 / sum(part**2 / freedom[pool] for pool, part in parts.items())
    return RunError(float(np.sqrt(variance)), float(df), float(np.sqrt(item_component)))


def _common(terms: Sequence[Term], codes: Sequence[str]) -> tuple[tuple[str, ...], Array]:
    """Items that all terms have in some language of the group, sorted, and in which (items, languages)."""
    common = sorted(set.intersection(*(set(term.data.sample.items) for term in terms)))
    mask = np.ones((len(common), len(codes)), dtype=bool)
    for term in terms:
        rows = np.searchsorted(np.array(term.data.sample.items), common)
        mask &= term.data.sample.mask[rows][:, _columns(term, codes)]
    kept = np.asarray(mask.any(axis=1))
    return tuple(name for name, keep in zip(common, kept, strict=True) if keep), mask[kept]


def _columns(term: Term, codes: Sequence[str]) -> list[int]:
    return [term.data.roles.languages.index(code) for code in codes]


def _of_items(terms: Sequence[Term], codes: Sequence[str], run_noise: RunNoise) -> Contrast:
    sums = item_sum(terms, codes)
    count = len(sums.items)
    error = float(np.sqrt((sums.unbiased**2).sum()))
    if not error > NO_SPREAD:
        return Contrast(estimate=_without_interval(sums.value, "none: every item says the same"), items=count)
    runs = _run_error(terms, codes, run_noise)
    joint, df = joint_error(
        np.array(error), np.array(runs.error), runs.df, item_component=runs.item_component, item_df=sums.fewest - 1
    )
    noisy = runs.error > 0
    method = IntervalMethod.T_ITEMS_AND_RUNS if noisy else IntervalMethod.T_ITEMS
    covers = Coverage.ITEMS_AND_RUNS if noisy else Coverage.ITEMS
    return _with_interval(sums.value, float(joint), float(df), method, covers, count)


def _of_means(
    replicates: Sequence[Sequence[Term]], terms: Sequence[Term], codes: Sequence[str], run_noise: RunNoise
) -> Contrast:
    values = np.array([mean_sum(replicate, codes) for replicate in replicates])
    value = float(values.mean())
    runs = [{same_run(term.data, term.point_index) for term in replicate} for replicate in replicates]
    apart = sum(len(replicate) for replicate in runs) == len(set().union(*runs))
    if len(values) >= SMALLEST_T and apart:
        error, df = float(values.std(ddof=1) / np.sqrt(len(values))), float(len(values) - 1)
        method, reason = f"t over {len(values)} n", "none: the same at every n"
    else:
        noise = _run_error(terms, codes, run_noise)
        error, df = noise.error, noise.df
        method, reason = str(IntervalMethod.T_RUNS), "none: only means, no repeated runs"
    if not error > NO_SPREAD:
        return Contrast(estimate=_without_interval(value, reason))
    return _with_interval(value, error, df, method, Coverage.RUNS, 0)


def _run_error(terms: Sequence[Term], codes: Sequence[str], run_noise: RunNoise) -> RunError:
    points = list(trained_points(terms).values())
    return run_error(points, run_noise.pooled_sd_of_each([point.data for point in points], codes))


def _with_interval(value: float, error: float, df: float, method: str, covers: Coverage, items: int) -> Contrast:
    half = float(t_factor(df)) * error
    estimate = Estimate(value=number(value), low=number(value - half), high=number(value + half), method=str(method))
    return Contrast(estimate=estimate, error=error, df=df, items=items, covers=covers)


def _without_interval(value: float, reason: str) -> Estimate:
    return Estimate(value=number(value), low=None, high=None, method=reason)
