"""Which mixture the evidence favours for a row budget and a set of target languages.

Every mixture within the budget is compared with English-only training (n = 0 of the same curve) on the mean of the
targets. The intervals hold for all of them at once, so that picking the best is not paid for with a false finding:
under no effect anywhere, at most 5% of the recommendations find one (comparisons with a control, Dunnett 1955, JASA
50; here with the covariance that items and runs give, see simultaneous.py). A mixture that the data cannot tell from
the best one is named if it is the cheapest of those that are better than English-only training.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from clt.errors import UserError
from clt.statistics.analyses.recommendation.mixtures import TrainedMixture, improvements_of
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.analyses.recommendation.schema import Candidate, Recommendation
from clt.statistics.inference.contrasts import missing
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, undefined
from clt.study import canonical_or_same

GROUP = ("study", "model", "setting", "task", "metric")


def recommend(curves: Sequence[CurveData], run_noise: RunNoise, request: RecommendationRequest) -> list[Recommendation]:
    """One recommendation for every model, setting and task that has an English-only run and something to choose from.

    Raises UserError for a target that no curve evaluates.
    """
    scored = {code for data in curves for code in _scored(data)}
    asked = {code: code if code in scored else canonical_or_same(code) for code in request.targets}
    if unknown := [code for code, known in asked.items() if known not in scored]:
        raise UserError(f"targets: got {unknown[0]!r}, expected evaluated languages: {', '.join(sorted(scored))}")
    request = replace(request, targets=tuple(dict.fromkeys(asked.values())))
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
    measured = improvements_of(mixtures, targets, run_noise)
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
        else _change(improvements_of(mixtures, english_code, run_noise).estimates()[best], mixtures[best].data),
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
