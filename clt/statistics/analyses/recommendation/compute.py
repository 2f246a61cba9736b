"""Which mixture the evidence favours for a row budget and a set of target languages.

Every mixture within the budget is compared with English-only training (n = 0 of the same curve) on the mean of the
targets. The intervals hold for all of them at once, so that picking the best is not paid for with a false finding:
under no effect anywhere, at most 5% of the recommendations find one (comparisons with a control, Dunnett 1955, JASA
50; here with the covariance that items and runs give, see simultaneous.py). A mixture that the data cannot tell from
the best one is named if it is the cheapest of those that are better than English-only training.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from clt.errors import UserError
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.analyses.recommendation.schema import Candidate, Recommendation
from clt.statistics.inference.contrasts import (
    NO_SPREAD,
    RunError,
    Term,
    item_sum,
    mean_sum,
    missing,
    run_error,
    trained_points,
)
from clt.statistics.inference.run_noise import RunNoise, joint_error
from clt.statistics.inference.simultaneous import maybe_best, two_sided_factor
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number, undefined

Array = np.ndarray
GROUP = ("study", "model", "setting", "task", "metric")


@dataclass(frozen=True, slots=True)
class TrainedMixture:
    data: CurveData
    n: int

    @property
    def english_rows(self) -> int | None:
        return self._rows(0)

    @property
    def other_rows(self) -> int | None:
        return self._rows(1)

    @property
    def rows(self) -> int | None:
        english, other = self.english_rows, self.other_rows
        return None if english is None or other is None else english + other

    @property
    def terms(self) -> list[Term]:
        """Its improvement over English-only training as a sum; positive is better."""
        sign = 1.0 if self.data.higher_is_better else -1.0
        return [Term(self.data, self.data.point_index(self.n), sign), Term(self.data, self.data.point_index(0), -sign)]

    @property
    def name(self) -> str:
        return f"{'+'.join((self.data.roles.english, *self.data.roles.trained))} at n = {self.n}"

    def _rows(self, which: int) -> int | None:
        rows = self.data.rows[self.data.sample_sizes.index(self.n)][which]
        return None if rows is None else int(rows)


@dataclass(frozen=True, slots=True)
class MixtureImprovements:
    """Improvement over English-only training of every mixture, axes (mixtures,), and its noise."""

    value: Array
    covariance: Array | None  # (mixtures, mixtures); None: no interval
    df: float
    method: str

    def estimates(self) -> list[Estimate]:
        """Every improvement with its simultaneous interval."""
        half = np.full(len(self.value), np.nan)
        if self.covariance is not None:
            half = two_sided_factor(self.covariance, self.df) * np.sqrt(np.diag(self.covariance))
        return [
            Estimate(value=number(value), low=number(value - width), high=number(value + width), method=self.method)
            for value, width in zip(self.value, half, strict=True)
        ]

    def maybe_best(self) -> list[int]:
        """Mixtures that the data cannot tell from the best one; none of them where there is no interval."""
        if self.covariance is None:
            return []
        return [int(at) for at in np.flatnonzero(maybe_best(self.value, self.covariance, self.df))]


def recommend(curves: Sequence[CurveData], run_noise: RunNoise, request: RecommendationRequest) -> list[Recommendation]:
    """One recommendation for every model, setting and task that has an English-only run and something to choose from.

    Raises UserError for a target that no curve evaluates.
    """
    scored = {code for data in curves for code in _scored(data)}
    if unknown := [code for code in request.targets if code not in scored]:
        raise UserError(f"targets: got {unknown[0]!r}, expected evaluated languages: {', '.join(sorted(scored))}")
    groups: dict[tuple[str, ...], list[CurveData]] = {}
    for data in curves:
        if data.baseline_index is not None and len(data.sample_sizes) > 1:
            groups.setdefault(tuple(data.identity[name] for name in GROUP), []).append(data)
    return [_recommend(key, group, run_noise, request) for key, group in sorted(groups.items())]


def _recommend(
    key: tuple[str, ...], curves: Sequence[CurveData], run_noise: RunNoise, request: RecommendationRequest
) -> Recommendation:
    targets = request.targets or _evaluated_by_all(curves)
    able = [data for data in curves if set(targets) <= set(_scored(data))]
    every = [TrainedMixture(data, n) for data in able for n in data.sample_sizes if n > 0]
    counts_all = all(mixture.english_rows is not None for mixture in every)

    def cost(mixture: TrainedMixture) -> tuple[float, float]:
        """Rows that the budget counts, and those in other languages; what is not known fits no budget."""
        rows, other = (np.inf if known is None else float(known) for known in (mixture.rows, mixture.other_rows))
        return (rows if counts_all else other), other

    affordable = [mixture for mixture in every if request.budget is None or cost(mixture)[0] <= request.budget]
    mixtures = [mixture for mixture in affordable if targets and not missing(mixture.terms, targets)]
    document = Recommendation(
        **dict(zip(GROUP, key, strict=True)),
        budget=request.budget,
        budget_counts="all rows" if counts_all else "rows in other languages",
        targets=list(targets),
        considered=len(mixtures),
        best=None,
        improvement=(nothing := undefined("no mixture to recommend")),
        english=nothing,
        resolvable=None,
        cheapest=None,
        cheapest_improvement=nothing,
        not_worse=0,
        statement=_why_none(targets, every, affordable, cost),
    )
    if not mixtures:
        return document
    return document.model_copy(update=_favoured(mixtures, targets, run_noise, cost))


def _evaluated_by_all(curves: Sequence[CurveData]) -> tuple[str, ...]:
    return tuple(code for code in _scored(curves[0])[1:] if all(code in _scored(data) for data in curves))


def _scored(data: CurveData) -> tuple[str, ...]:
    """Languages of a curve that are evaluated, English first; a trained one may not be."""
    return data.roles.english, *data.roles.groups()["non_english"]


def _why_none(
    targets: Sequence[str],
    every: Sequence[TrainedMixture],
    affordable: Sequence[TrainedMixture],
    cost: Callable[[TrainedMixture], tuple[float, float]],
) -> str:
    """The statement where no mixture can be considered."""
    if not targets:
        return "nothing to recommend: the curves share no target language"
    if not every:
        return f"nothing to recommend: no curve evaluates all of {', '.join(targets)}"
    if not affordable:
        smallest = min(cost(mixture)[0] for mixture in every)
        known = "rows are not known" if np.isinf(smallest) else f"the smallest has {smallest:.0f} rows"
        return f"no mixture within the budget: {known}"
    return "nothing to recommend: scores of the targets are missing"


def _favoured(
    mixtures: Sequence[TrainedMixture],
    targets: Sequence[str],
    run_noise: RunNoise,
    cost: Callable[[TrainedMixture], tuple[float, float]],
) -> dict[str, object]:
    """The fields of a recommendation that name mixtures."""
    measured = _improvements(mixtures, targets, run_noise)
    improvements = measured.estimates()
    better = [candidate.low is not None and candidate.low > 0 for candidate in improvements]

    def rank(at: int) -> tuple[bool, float, float, float]:
        rows, other = cost(mixtures[at])
        return better[at], measured.value[at], -rows, -other

    best = max(range(len(mixtures)), key=rank)
    alike = {best, *measured.maybe_best()}
    eligible = [at for at in sorted(alike) if better[at] or not better[best]]
    cheapest = min(eligible, key=lambda at: (*cost(mixtures[at]), -measured.value[at]))
    english_code = (mixtures[0].data.roles.english,)
    has_english = not any(missing(candidate.terms, english_code) for candidate in mixtures)
    improvement = improvements[best]
    fields: dict[str, object] = {
        "best": _candidate(mixtures[best]),
        "improvement": improvement,
        "english": undefined("no English score")
        if not has_english
        else _change(_improvements(mixtures, english_code, run_noise).estimates()[best], mixtures[best].data),
        "resolvable": None if improvement.low is None else bool(better[best] or (improvement.high or 0.0) < 0),
        "cheapest": _candidate(mixtures[cheapest]),
        "cheapest_improvement": improvements[cheapest],
        "not_worse": len(alike),
    }
    return fields | {"statement": _statement(improvement, mixtures, best, cheapest, len(alike))}


def _change(improvement: Estimate, data: CurveData) -> Estimate:
    """An improvement as a change of the metric, in its own direction."""
    if data.higher_is_better or improvement.value is None:
        return improvement
    low, high = (None if end is None else 0.0 - end for end in (improvement.high, improvement.low))
    return improvement.model_copy(update={"value": 0.0 - improvement.value, "low": low, "high": high})


def _improvements(mixtures: Sequence[TrainedMixture], codes: Sequence[str], run_noise: RunNoise) -> MixtureImprovements:
    """MixtureImprovements of the mean over some languages, and the covariance of their errors.

    Items: every curve's own items, paired where two curves have the same one. Runs: independent but for English-only
    runs, which all mixtures of a curve share, and curves with one another if it is the same run.
    """
    runs, run_covariance, beyond_items = _run_noise(mixtures, codes, run_noise)
    run_errors, run_df = np.array([each.error for each in runs]), min(each.df for each in runs)
    if not all(each.data.has_items for each in mixtures):
        value = np.array([mean_sum(each.terms, codes) for each in mixtures])
        if not (run_errors > NO_SPREAD).all():
            return MixtureImprovements(value, None, np.inf, "none: only means, no repeated runs")
        return MixtureImprovements(value, run_covariance, run_df, "simultaneous t: repeated runs")
    sums = [item_sum(each.terms, codes) for each in mixtures]
    value = np.array([each.value for each in sums])
    items = sorted({name for each in sums for name in each.items})
    influence = np.zeros((len(items), len(sums)))
    for k, each in enumerate(sums):
        influence[np.searchsorted(np.array(items), each.items), k] = each.unbiased
    covariance = influence.T @ influence
    item_error = np.sqrt(np.diag(covariance))
    if not (item_error > NO_SPREAD).all():
        return MixtureImprovements(value, None, np.inf, "none: every item says the same")
    method = "simultaneous t: items"
    item_components = np.zeros(len(sums))
    if (run_errors > NO_SPREAD).any():
        covariance, method = covariance + beyond_items, f"{method} and runs"
        item_components = np.sqrt(np.maximum(np.diag(run_covariance - beyond_items), 0.0))
    item_df = min(each.fewest for each in sums) - 1
    df = joint_error(item_error, run_errors, run_df, item_component=item_components, item_df=item_df)[1].min()
    return MixtureImprovements(value, covariance, float(df), method)


def _run_noise(
    mixtures: Sequence[TrainedMixture], codes: Sequence[str], run_noise: RunNoise
) -> tuple[list[RunError], Array, Array]:
    """Run-to-run noise of every improvement, its covariance, and what of that the items do not account for; 0 without
    repeated runs."""
    parts = [trained_points(mixture.terms) for mixture in mixtures]
    points = {key: point for part in parts for key, point in part.items()}
    pooled = run_noise.pooled_sd_of_each([point.data for point in points.values()], codes)
    known = dict(zip(points, pooled, strict=True)) if pooled else {}
    errors = [run_error(list(part.values()), [known[key] for key in part] if known else []) for part in parts]
    weights = np.array([[part[key].weight if key in part else 0.0 for key in known] for part in parts])
    counts = np.array([points[key].runs for key in known])
    variance = np.array([spread.sd**2 for _, spread in known.values()])
    beyond_items = np.array([max(spread.sd**2 - spread.item_component**2, 0.0) for _, spread in known.values()])
    return errors, (weights * (variance / counts)) @ weights.T, (weights * (beyond_items / counts)) @ weights.T


def _candidate(mixture: TrainedMixture) -> Candidate:
    return Candidate(
        curve=mixture.data.id,
        train_languages=[mixture.data.roles.english, *mixture.data.roles.trained],
        samples_per_language=mixture.n,
        rows=mixture.rows,
        other_rows=mixture.other_rows,
    )


def _statement(
    improvement: Estimate, mixtures: Sequence[TrainedMixture], best: int, cheapest: int, not_worse: int
) -> str:
    """The recommendation in a sentence."""
    name = mixtures[best].name
    if improvement.low is None or improvement.high is None:
        return f"largest improvement with {name}; the input gives no interval, so this may be chance"
    if improvement.high < 0:
        return f"English-only training: even the best mixture within the budget, {name}, is worse for the targets"
    if improvement.low <= 0:
        return f"not resolvable: even the largest improvement, with {name}, is within the noise"
    if len(mixtures) == 1:
        return f"{name}: better than English-only training; there was no other to choose from"
    if not_worse == 1:
        return f"{name}: better than each of the others"
    if cheapest == best:
        return (
            f"{name}: the largest improvement; no cheaper mixture that cannot be told from it is better than "
            "English-only training"
        )
    return (
        f"{mixtures[cheapest].name}: cannot be told from the largest improvement, with {name}, and is the cheapest "
        "such mixture that is better than English-only training"
    )
