"""A contrast: a weighted sum of points of curves, paired by item, with its interval.

Comparisons and the transfer matrix are contrasts. With scores per item every term is taken on the items that all terms
share, and whole items are resampled; where runs were repeated, their variance is added. With means only, the spread
between replicates (the same contrast at several n) gives a t interval, or else the noise of repeated runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from components.transfer_statistics.curve.estimates import number, undefined
from components.transfer_statistics.curve.resampling import (
    draw,
    jackknife_means,
    plain_means,
    resampled_means,
)
from components.transfer_statistics.curve.uncertainty import LEVEL, Ends, bootstrap_ends
from components.transfer_statistics.evidence.repeats import Repeats, joint_error, t_factor
from components.transfer_statistics.schema import Estimate
from components.transfer_statistics.scores.curve_data import CurveData
from components.transfer_statistics.scores.sample import Sample

Array = np.ndarray
POWER = 0.8  # detectable: the difference that is found four times in five
SMALLEST_T = 3  # replicates for a t interval


@dataclass(frozen=True, slots=True)
class Term:
    """One point of one curve and its weight in the sum."""

    data: CurveData
    place: int  # index on the points axis of data.sample
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A contrast of one group of languages."""

    estimate: Estimate
    error: float | None  # standard error
    df: float  # of the t distribution; infinite for resamples
    items: int  # items that every term has; 0 where there are only means

    @property
    def p(self) -> float | None:
        """Two-sided p-value of no difference, from the t (or normal) distribution of value / standard error."""
        value = self.estimate.value
        if value is None or not self.error:
            return None
        t = -abs(value) / self.error
        return number(2 * float(ndtr(t) if np.isinf(self.df) else stdtr(self.df, t)))

    @property
    def detectable(self) -> float | None:
        """The difference that would be found 4 times in 5 at this noise."""
        if not self.error:
            return None
        tail = 0.5 + LEVEL / 2
        factor = ndtri(tail) + ndtri(POWER) if np.isinf(self.df) else stdtrit(self.df, tail) + stdtrit(self.df, POWER)
        return number(float(factor) * self.error)


def contrast(
    replicates: Sequence[Sequence[Term]], groups: Mapping[str, tuple[str, ...]], repeats: Repeats
) -> dict[str, Contrast]:
    """Mean over replicates of the sum of their terms, for each group of languages (mean over the group).

    All curves must hold every language of the groups. Groups without languages are undefined.
    """
    used = {name: codes for name, codes in groups.items() if codes}
    terms = [Term(t.data, t.place, t.weight / len(replicates)) for terms in replicates for t in terms]
    found: dict[str, Contrast] = {}
    if used and all(term.data.has_items for term in terms):
        found = _of_items(terms, used, repeats)
    elif used:
        found = {name: _of_means(replicates, terms, codes, repeats) for name, codes in used.items()}
    return {name: found.get(name, _none("no language")) for name in groups}


def _none(reason: str) -> Contrast:
    return Contrast(estimate=undefined(reason), error=None, df=np.inf, items=0)


def _of_items(terms: Sequence[Term], groups: Mapping[str, tuple[str, ...]], repeats: Repeats) -> dict[str, Contrast]:
    codes = tuple(dict.fromkeys(code for group in groups.values() for code in group))
    sample = _summed(terms, codes)
    if len(sample.items) < 2 or not sample.present.all():
        reason = "fewer than two items in common" if len(sample.items) < 2 else "a language has no score at a point"
        return dict.fromkeys(groups, _none(reason))
    where = [[codes.index(code) for code in group] for group in groups.values()]

    def grouped(means: Array) -> Array:
        return np.stack([means[..., 0, k].mean(axis=-1) for k in where], axis=-1)

    value = grouped(plain_means(sample))
    ends = bootstrap_ends(value, grouped(resampled_means(sample, draw(sample))), grouped(jackknife_means(sample)))
    found = {}
    for k, name in enumerate(groups):
        found[name] = _one(value[k], ends, k, _noise(terms, groups[name], repeats), len(sample.items))
    return found


def _one(value: float, ends: Ends, k: int, noise: tuple[float, float, float], items: int) -> Contrast:
    """The bootstrap's interval, or with run-to-run noise a t interval of both."""
    error = float(ends.error[k])
    if not error > 1e-12:  # every resample gave the same: the bootstrap sees no spread
        return Contrast(
            estimate=_estimate(value, np.nan, np.nan, "none: constant scores"), error=None, df=np.inf, items=items
        )
    if not noise[0] > 0:
        estimate = _estimate(value, ends.low[k], ends.high[k], str(ends.method[k]))
        return Contrast(estimate=estimate, error=error, df=np.inf, items=items)
    joint, df = (float(part) for part in joint_error(np.array(error), np.array(noise[0]), int(noise[1]), noise[2]))
    half = float(t_factor(df)) * joint
    return Contrast(
        estimate=_estimate(value, value - half, value + half, "t: items and runs"), error=joint, df=df, items=items
    )


def _summed(terms: Sequence[Term], codes: tuple[str, ...]) -> Sample:
    """The contrast of each item, averaged over runs: a sample with one point and one run."""
    common = sorted(set.intersection(*(set(term.data.sample.items) for term in terms)))
    scores = np.zeros((1, len(common), len(codes)))
    mask = np.ones((len(common), len(codes)), dtype=bool)
    present = np.ones(len(codes), dtype=bool)
    for term in terms:
        sample = term.data.sample
        rows = np.searchsorted(np.array(sample.items), common)
        columns = [term.data.roles.languages.index(code) for code in codes]
        part = sample.scores[:, rows, term.place][..., columns]
        scores += term.weight * part.mean(axis=0, keepdims=True)
        mask &= sample.mask[rows][:, columns]
        present &= sample.present[term.place, columns]
    keep = np.asarray(mask.any(axis=1))
    return Sample(
        items=tuple(name for name, kept in zip(common, keep, strict=True) if kept),
        scores=(scores * mask)[:, keep, None],
        mask=mask[keep],
        present=(present & mask.any(axis=0))[None],
    )


def _of_means(
    replicates: Sequence[Sequence[Term]], terms: Sequence[Term], codes: tuple[str, ...], repeats: Repeats
) -> Contrast:
    values = np.array([sum(term.weight * _mean(term, codes) for term in one) for one in replicates])
    value = float(values.mean())
    if not np.isfinite(value):
        return _none("a language has no score at a point")
    places = [{(term.data.id, term.place) for term in one} for one in replicates]
    apart = sum(len(one) for one in places) == len(set().union(*places))
    if len(values) >= SMALLEST_T and apart:
        error, df = float(values.std(ddof=1) / np.sqrt(len(values))), float(len(values) - 1)
        method = f"t over {len(values)} n"
    else:
        error, df, _ = _noise(terms, codes, repeats)
        method = "t: repeated runs"
    if not error > 1e-12:
        return Contrast(
            estimate=_estimate(value, np.nan, np.nan, "none: only means, no repeated runs"), error=None, df=df, items=0
        )
    half = float(t_factor(df)) * error
    return Contrast(estimate=_estimate(value, value - half, value + half, method), error=error, df=df, items=0)


def _mean(term: Term, codes: tuple[str, ...]) -> float:
    where = [term.data.roles.languages.index(code) for code in codes]
    return float(plain_means(term.data.sample)[term.place, where].mean())


def _noise(terms: Sequence[Term], codes: tuple[str, ...], repeats: Repeats) -> tuple[float, float, float]:
    """Standard error and degrees of freedom of the sum, from repeated runs of the first curve's task, and the part of
    the error that the items account for."""
    weights: dict[tuple[str, int], tuple[float, int]] = {}
    for term in terms:
        before = weights.get((term.data.id, term.place), (0.0, 1))[0]
        weights[term.data.id, term.place] = (before + term.weight, max(len(term.data.runs), 1))
    first = terms[0].data
    spread = repeats.spread_over(first, codes)
    if spread is None:
        return 0.0, np.inf, 0.0
    factor = float(np.sqrt(sum(w**2 / runs for w, runs in weights.values())))
    return factor * spread.sd, float(spread.df), factor * spread.items


def _estimate(value: float, low: float, high: float, method: str) -> Estimate:
    known = np.isfinite(low) and np.isfinite(high)
    return Estimate(
        value=number(value),
        low=number(low) if known else None,
        high=number(high) if known else None,
        method=method,
    )
