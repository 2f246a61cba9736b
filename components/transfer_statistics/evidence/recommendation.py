"""Which mixture the evidence favours for a row budget and a set of target languages.

Every mixture within the budget is compared with English-only training on the mean of the targets. The intervals hold
for all of them at once (the largest of all resampled deviations, in standard errors), so that picking the best is not
paid for with a false finding. Among those that the data cannot tell from the best, the cheapest is named too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.study import UserError
from components.transfer_statistics.curve.estimates import number, undefined
from components.transfer_statistics.curve.resampling import draw, plain_means, resampled_means
from components.transfer_statistics.curve.uncertainty import LEVEL
from components.transfer_statistics.evidence.repeats import Repeats, joint_error, t_factor
from components.transfer_statistics.schema import Candidate, Estimate, Recommendation
from components.transfer_statistics.scores.curve_data import CurveData

Array = np.ndarray
GROUP = ("study", "model", "setting", "task", "metric")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader asks for. `targets` empty: every evaluated language but English."""

    budget: int | None = None
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mixture:
    data: CurveData
    n: int

    @property
    def other_rows(self) -> int:
        return int(self.data.rows[self.data.counts.index(self.n)][1] or 0)

    @property
    def rows(self) -> int | None:
        english = self.data.rows[self.data.counts.index(self.n)][0]
        return None if english is None else int(english) + self.other_rows


@dataclass(frozen=True, slots=True)
class Improvements:
    """Improvement over English-only training of every mixture (mixtures,), and its noise."""

    value: Array
    error: Array  # standard errors, NaN where there is none
    factor: Array  # what an error is multiplied by for half of a simultaneous interval
    resamples: Array | None  # (resamples, mixtures)
    method: str


def recommend(curves: Sequence[CurveData], repeats: Repeats, wanted: Wanted) -> list[Recommendation]:
    """One recommendation for every model, setting and task that has an English-only run and something to choose from.

    Raises UserError for a target that no curve evaluates.
    """
    scored = {code for data in curves for code in data.roles.languages}
    if unknown := [code for code in wanted.targets if code not in scored]:
        raise UserError(f"targets: got {unknown[0]!r}, expected evaluated languages: {', '.join(sorted(scored))}")
    groups: dict[tuple[str, ...], list[CurveData]] = {}
    for data in curves:
        if data.zero is not None and len(data.counts) > 1:
            groups.setdefault(tuple(data.identity[name] for name in GROUP), []).append(data)
    return [_recommend(key, group, repeats, wanted) for key, group in sorted(groups.items())]


def _recommend(key: tuple[str, ...], curves: Sequence[CurveData], repeats: Repeats, wanted: Wanted) -> Recommendation:
    every = [Mixture(data, n) for data in curves for n in data.counts if n > 0]
    counts_all = all(one.rows is not None for one in every)

    def cost(one: Mixture) -> int:
        return one.other_rows if one.rows is None or not counts_all else one.rows

    mixtures = [one for one in every if wanted.budget is None or cost(one) <= wanted.budget]
    shared = [code for code in curves[0].roles.languages[1:] if all(code in c.roles.languages for c in curves)]
    targets = [code for code in wanted.targets or shared if code in shared]
    found = _improvements(mixtures, targets, repeats) if mixtures and targets else None
    empty = undefined("no mixture within the budget" if targets else "the curves share no target language")
    document = Recommendation(
        **dict(zip(GROUP, key, strict=True)),
        budget=wanted.budget,
        budget_counts="all rows" if counts_all else "rows in other languages",
        targets=targets,
        considered=len(mixtures),
        best=None,
        improvement=empty,
        english=empty,
        resolvable=None,
        cheapest=None,
        cheapest_improvement=empty,
        not_worse=0,
        statement=empty.reason or "",
    )
    if found is None or not np.isfinite(found.value).any():
        return document
    best = int(np.nanargmax(found.value))
    alike = _not_worse(found, best)
    cheapest = min(alike, key=lambda at: (cost(mixtures[at]), -found.value[at]))
    english = _improvements(mixtures, [curves[0].roles.english], repeats)
    improvement = _estimate(found, best)
    resolvable = None if improvement.low is None else bool(improvement.low > 0 or (improvement.high or 0.0) < 0)
    update = {
        "best": _candidate(mixtures[best]),
        "improvement": improvement,
        "english": _estimate(english, best),
        "resolvable": resolvable,
        "cheapest": _candidate(mixtures[cheapest]),
        "cheapest_improvement": _estimate(found, cheapest),
        "not_worse": len(alike),
    }
    document = document.model_copy(update=update)
    return document.model_copy(update={"statement": _statement(document)})


def _improvements(mixtures: Sequence[Mixture], targets: Sequence[str], repeats: Repeats) -> Improvements:
    """Improvements of the targets' mean, with simultaneous intervals over all mixtures."""
    value = np.array([_of_means(one, targets) for one in mixtures])
    run_error, df, counted = _run_errors(mixtures, targets, repeats)
    if not all(one.data.has_items for one in mixtures):
        if df is None:
            return Improvements(
                value, np.full(len(value), np.nan), np.full(len(value), np.nan), None, "none: only means"
            )
        factor = t_factor(df, len(value))
        return Improvements(value, run_error, np.full(len(value), factor), None, "t: repeated runs, Bonferroni")
    resamples = np.stack([_resampled(one, targets) for one in mixtures], axis=-1)
    item_error = resamples.std(axis=0)
    largest = np.abs((resamples - value) / np.where(item_error > 1e-12, item_error, np.nan))
    critical = np.nanquantile(np.nanmax(np.nan_to_num(largest), axis=-1), LEVEL)
    if df is None:
        error = np.where(item_error > 1e-12, item_error, np.nan)
        return Improvements(value, error, np.full(len(value), critical), resamples, "simultaneous bootstrap; items")
    error, joint_df = joint_error(item_error, run_error, df, counted)
    factor = np.maximum(critical, t_factor(joint_df, len(value)))
    return Improvements(value, error, factor, resamples, "simultaneous t; items and runs")


def _sign(one: Mixture) -> float:
    return 1.0 if one.data.higher_is_better else -1.0


def _of_means(one: Mixture, targets: Sequence[str]) -> float:
    return float(_difference(plain_means(one.data.sample), one, targets))


def _resampled(one: Mixture, targets: Sequence[str]) -> Array:
    """The same for every resample; curves over the same items have the same resamples."""
    return _difference(resampled_means(one.data.sample, draw(one.data.sample)), one, targets)


def _difference(means: Array, one: Mixture, targets: Sequence[str]) -> Array:
    where = [one.data.roles.languages.index(code) for code in targets]
    zero = one.data.zero
    assert zero is not None, "curves without n = 0 are not considered"
    changes = means[..., one.data.place(one.n), :] - means[..., zero, :]
    return _sign(one) * changes[..., where].mean(axis=-1)


def _run_errors(
    mixtures: Sequence[Mixture], targets: Sequence[str], repeats: Repeats
) -> tuple[Array, int | None, Array]:
    """Standard error of each improvement from run-to-run noise, its degrees of freedom, and its part due to items."""
    errors, df = [], None
    for one in mixtures:
        spread = repeats.spread_over(one.data, targets)
        factor = np.sqrt(2 / max(len(one.data.runs), 1))
        errors.append((0.0, 0.0) if spread is None else (factor * spread.sd, factor * spread.items))
        df = df if spread is None else spread.df
    run_error, counted = np.array(errors).T
    return run_error, df, counted


def _not_worse(found: Improvements, best: int) -> list[int]:
    """Mixtures whose difference from the best one is within the noise; the best one alone where there is none."""
    if not np.isfinite(found.error).any():
        return [best]
    behind = found.value[best] - found.value
    if found.resamples is None:
        error = np.hypot(found.error, found.error[best]) / np.sqrt(2)  # both share the English-only run
    else:
        items = (found.resamples[:, [best]] - found.resamples).std(axis=0)
        runs = np.sqrt(np.maximum(found.error**2 - found.resamples.std(axis=0) ** 2, 0.0))
        error = np.hypot(items, runs)
    return [at for at in range(len(behind)) if at == best or behind[at] <= found.factor[at] * error[at]]


def _candidate(one: Mixture) -> Candidate:
    return Candidate(
        curve=one.data.id,
        train_languages=[one.data.roles.english, *one.data.roles.trained],
        samples_per_language=one.n,
        rows=one.rows,
        other_rows=one.other_rows,
    )


def _estimate(found: Improvements, at: int) -> Estimate:
    value, half = found.value[at], found.factor[at] * found.error[at]
    known = np.isfinite(half)
    return Estimate(
        value=number(value),
        low=number(value - half) if known else None,
        high=number(value + half) if known else None,
        method=found.method if known else "none: no interval",
    )


def _statement(one: Recommendation) -> str:
    """The recommendation in a sentence."""
    assert one.best is not None and one.cheapest is not None, "only made where there is a best mixture"
    best = f"{'+'.join(one.best.train_languages)} at n = {one.best.samples_per_language}"
    if one.resolvable is None:
        return f"largest improvement with {best}; the input gives no interval, so this may be chance"
    if not one.resolvable:
        return f"not resolvable: even the largest improvement, with {best}, is within the noise"
    if (one.improvement.value or 0.0) < 0:
        return "English-only training: every mixture within the budget is worse for the targets"
    if one.considered == 1:
        return f"{best}: better than English-only training; there was no other to choose from"
    if one.not_worse == 1:
        return f"{best}: better than each of the others"
    if one.cheapest == one.best:
        return f"{best}: the largest improvement, and no cheaper mixture comes near it"
    cheapest = f"{'+'.join(one.cheapest.train_languages)} at n = {one.cheapest.samples_per_language}"
    return f"{cheapest}: cannot be told from the largest improvement, with {best}, and is the cheapest such mixture"
