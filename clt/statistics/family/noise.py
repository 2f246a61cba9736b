"""The noise of one contrast of the family: its items, and the runs that it rests on.

Where the study repeats runs, they tell their noise. Where they are too few, or none, the paper's repeated runs
(run_noise_prior.py) fill up the degrees of freedom that they lack: a variance is the mean of both, weighted by them.
On a metric without two known ends nothing stands for runs that are not there: the items alone are left.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from clt.statistics.family.member import Member
from clt.statistics.inference.bootstrap import plain_means
from clt.statistics.inference.contrasts import (
    NO_SPREAD,
    SMALLEST_T,
    Term,
    TrainedPoint,
    item_sum,
    mean_sum,
    run_error,
    trained_points,
)
from clt.statistics.inference.link import link_of
from clt.statistics.inference.run_noise import RunNoise, joint_error
from clt.statistics.inference.run_noise_prior import COMMON_SD, LANGUAGE_SD, PRIOR_DF
from clt.statistics.scores.curve_data import CurveData

ENOUGH = (
    20  # degrees of freedom from which on the items' part is taken off the runs': with fewer, too little may remain
)
Array = np.ndarray


# What the noise between runs is taken from, as `basis` names it.
REPEATED, NEIGHBOURING, PAPER = "repeated runs", "runs at neighbouring n", "the paper's repeated runs"
OVER_N, ITEMS_ALONE = "runs at several n", "items alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberNoise:
    """A contrast with its noise; `run_sd` and `item_sd` are the two parts of its error that add up in squares."""

    member: Member
    value: float
    basis: str  # what the noise is taken from, such as "items, repeated runs"
    is_repeated: bool  # whether the study's own repeated runs tell any of it
    error: float
    df: float
    items: Mapping[Hashable, float]  # item -> what it moves the value by; empty where there are only means
    item_sd: float
    item_df: float
    run_sd: float  # beyond what the items account for
    run_total: float  # with what the items account for: this is what repeated runs tell, with `run_df`
    item_component: float  # the items' part of it
    run_df: float
    pool: Hashable  # equal for contrasts whose run noise is one estimate: that of the same languages
    run_parts: Mapping[Hashable, float]  # what independent parts of runs move the value by, up to a common factor
    one_run: float  # run_sd divided by this is the spread of a single run's mean


def noise_of(member: Member, run_noise: RunNoise, slopes: "Slopes") -> MemberNoise | None:
    """The value and the noise of a contrast; None where nothing tells it, or every item says the same.

    Args:
        member: The contrast.
        run_noise: What the study's own runs tell of the noise between runs.
        slopes: How much scores stretch on the link scale, shared by all contrasts of a family.

    Returns:
        The value and its standard error in the metric's unit, with the degrees of freedom of Satterthwaite (1946).
    """
    terms, codes = member.terms, member.codes
    has_items = all(term.data.has_items for term in terms)
    points = trained_points(terms)
    parts = _run_parts(points, codes, slopes)
    sums = item_sum(terms, codes) if has_items else None
    item_sd = float(np.sqrt((sums.unbiased**2).sum())) if sums else 0.0
    if sums and not item_sd > NO_SPREAD:
        return None
    item_df = float(sums.fewest - 1) if sums else np.inf
    runs = _runs(member, points, run_noise, slopes.are_known(terms), parts, has_items=has_items)
    error, df = joint_error(
        np.array(item_sd), np.array(runs.sd), runs.df, item_component=runs.item_component, item_df=item_df
    )
    if not error > NO_SPREAD:
        return None
    return MemberNoise(
        member=member,
        value=sums.value if sums else _mean(member),
        basis=_basis(runs.sources, has_items=has_items),
        is_repeated=REPEATED in runs.sources or OVER_N in runs.sources,
        error=float(error),
        df=float(df),
        items=dict(zip(sums.items, sums.unbiased.tolist(), strict=True)) if sums else {},
        item_sd=item_sd,
        item_df=item_df,
        run_sd=float(np.sqrt(max(float(error) ** 2 - item_sd**2, 0.0))),
        run_total=runs.sd,
        item_component=runs.item_component,
        run_df=runs.df,
        pool=runs.pool,
        run_parts=parts,
        one_run=float(np.sqrt(sum(point.weight**2 / point.runs for point in points.values()))),
    )


class Slopes:
    """How much each language's score at each point of a curve changes for one unit of the link scale."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[bool, Array]] = {}

    def are_known(self, terms: Iterable[Term]) -> bool:
        """Whether the scale of every curve is one on which the paper's runs tell the noise of others."""
        return all(self._of(term.data)[0] for term in terms)

    def at(self, data: CurveData, point_index: int, codes: tuple[str, ...]) -> Array:
        """Axes (codes,)."""
        return self._of(data)[1][point_index, [data.roles.languages.index(code) for code in codes]]

    def _of(self, data: CurveData) -> tuple[bool, Array]:
        if data.id not in self._found:
            link = link_of(data)
            self._found[data.id] = link.is_logit, link.slope(plain_means(data.sample))
        return self._found[data.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runs:
    """The noise between runs of one contrast."""

    sd: float
    df: float
    item_component: float  # the part of `sd` that the items account for
    pool: Hashable
    sources: tuple[str, ...]


def _runs(
    member: Member,
    points: Mapping[tuple[object, ...], TrainedPoint],
    run_noise: RunNoise,
    scale_is_known: bool,
    parts: Mapping[Hashable, float],
    *,
    has_items: bool,
) -> _Runs:
    curves = [point.data for point in points.values()]
    known = run_noise.pooled_sd_of_each(curves, member.codes)
    own = run_error(list(points.values()), known)
    over_n = None if has_items else _over_n(member)
    if over_n and not (own.error > 0 and own.df > over_n[1]):  # what tells more: runs of the task, or these alone
        return _Runs(sd=over_n[0], df=over_n[1], item_component=0.0, pool=member.key, sources=(OVER_N,))
    sources = _own_sources(curves, run_noise) if own.error > 0 else ()
    if own.error > 0 and (own.df >= PRIOR_DF or not scale_is_known):
        component = own.item_component if own.df >= ENOUGH else 0.0
        pool = (known[0][0], member.codes)
        return _Runs(sd=own.error, df=own.df, item_component=component, pool=pool, sources=sources)
    if not scale_is_known or not (has_items or own.error > 0):
        return _Runs(sd=0.0, df=np.inf, item_component=0.0, pool="items", sources=())
    share = own.df / PRIOR_DF if own.error > 0 else 0.0
    of_own = max(own.error**2 - own.item_component**2, 0.0)
    variance = share * of_own + (1 - share) * sum(part**2 for part in parts.values())
    sources = (*sources, PAPER)
    pool = (sources, member.codes if own.error > 0 else ())
    return _Runs(sd=float(np.sqrt(variance)), df=PRIOR_DF, item_component=0.0, pool=pool, sources=sources)


def _own_sources(curves: Iterable[CurveData], run_noise: RunNoise) -> tuple[str, ...]:
    used = {REPEATED: run_noise.repeated, NEIGHBOURING: run_noise.neighbouring}
    every = list(curves)
    return tuple(name for name, groups in used.items() if any(groups(data) for data in every))


def _basis(sources: tuple[str, ...], *, has_items: bool) -> str:
    if not has_items:
        return f"{', '.join(sources)}; not the items"
    return ", ".join(("items", *sources)) if sources else ITEMS_ALONE


def _run_parts(
    points: Mapping[tuple[object, ...], TrainedPoint], codes: tuple[str, ...], slopes: Slopes
) -> dict[Hashable, float]:
    """By the paper's noise: what each run has in common for all languages, and what it has for each of its own."""
    parts: dict[Hashable, float] = {}
    for key, point in points.items():
        slope = slopes.at(point.data, point.point_index, codes) * point.weight / np.sqrt(point.runs) / len(codes)
        parts[key] = COMMON_SD * float(slope.sum())
        parts |= {(key, code): LANGUAGE_SD * float(each) for code, each in zip(codes, slope, strict=True)}
    return parts


def _mean(member: Member) -> float:
    return float(np.mean([mean_sum(replicate, member.codes) for replicate in member.replicates]))


def _over_n(member: Member) -> tuple[float, float] | None:
    """Standard error and degrees of freedom of replicates that share no run; None where there are too few."""
    if len(member.replicates) < SMALLEST_T or not _are_apart(member.replicates):
        return None
    values = np.array([mean_sum(replicate, member.codes) for replicate in member.replicates])
    return float(values.std(ddof=1) / np.sqrt(len(values))), float(len(values) - 1)


def _are_apart(replicates: tuple[tuple[Term, ...], ...]) -> bool:
    runs = [set(trained_points(replicate)) for replicate in replicates]
    return sum(map(len, runs)) == len(set().union(*runs))
