"""Which mixture the evidence favours for a row budget and a set of target languages.

Every mixture within the budget is compared with English-only training (n = 0 of the same curve) on the mean of the
targets. The intervals hold for all of them, and for all else that the first screen speaks of, at once (clt/statistics/
family): picking the best is not paid for with a false finding. A mixture that the data cannot tell from the best one is
named if it is the cheapest of those that are better than English-only training (comparisons with the best: Gupta 1965,
Technometrics 7; see simultaneous.py).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from clt.statistics.analyses.recommendation.mixtures import Competition, TrainedMixture
from clt.statistics.analyses.recommendation.schema import Candidate, Recommendation
from clt.statistics.family import Family, MemberKey
from clt.statistics.inference.contrasts import contrast, missing
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.inference.simultaneous import maybe_best
from clt.statistics.values import Estimate, number, undefined


def recommend(
    competitions: Iterable[Competition], family: Family, run_noise: RunNoise, budget: int | None = None
) -> list[Recommendation]:
    """One recommendation for every competition; `budget` is the one that its mixtures are within."""
    return [_recommend(competition, family, run_noise, budget) for competition in competitions]


def _recommend(competition: Competition, family: Family, run_noise: RunNoise, budget: int | None) -> Recommendation:
    verdicts = [family.verdict(mixture.key) for mixture in competition.mixtures]
    document = Recommendation(
        **competition.identity,
        budget=budget,
        budget_counts="all rows" if competition.bill.counts_all else "rows in other languages",
        prices=dict(competition.bill.prices),
        targets=list(competition.targets),
        considered=len(competition.mixtures),
        by_chance=round(sum(verdict.by_chance for verdict in verdicts if verdict is not None) / 2, 6),
        best=None,
        improvement=(nothing := undefined("no mixture to recommend")),
        english=nothing,
        resolvable=None,
        cheapest=None,
        cheapest_improvement=nothing,
        not_worse=0,
        statement=_why_none(competition),
    )
    if not competition.mixtures:
        return document
    return document.model_copy(update=_favoured(competition, family, run_noise))


def _why_none(competition: Competition) -> str:
    """The statement where no mixture can be considered."""
    if not competition.targets:
        return "nothing to recommend: the curves share no target language"
    if not competition.every:
        return f"nothing to recommend: no curve evaluates all of {', '.join(competition.targets)}"
    if not competition.affordable:
        smallest = min(competition.cost(mixture)[0] for mixture in competition.every)
        told = "the cheapest costs {:.0f}" if competition.bill.prices else "the smallest has {:.0f} rows"
        known = "rows are not known" if np.isinf(smallest) else told.format(smallest)
        return f"no mixture within the budget: {known}"
    return "nothing to recommend: scores of the targets are missing"


def _favoured(competition: Competition, family: Family, run_noise: RunNoise) -> dict[str, object]:
    """The fields of a recommendation that name mixtures."""
    mixtures, cost = competition.mixtures, competition.cost
    improvements = [_improvement(mixture, competition.targets, family) for mixture in mixtures]
    better = [improvement.low is not None and improvement.low > 0 for improvement in improvements]

    def rank(at: int) -> tuple[bool, float, float, float]:
        rows, other = cost(mixtures[at])
        return better[at], improvements[at].value or 0.0, -rows, -other

    best = max(range(len(mixtures)), key=rank)
    alike = {best, *_maybe_best([mixture.key for mixture in mixtures], family)}
    eligible = [at for at in sorted(alike) if better[at] or not better[best]]
    cheapest = min(eligible, key=lambda at: (*cost(mixtures[at]), -(improvements[at].value or 0.0)))
    improvement = improvements[best]
    fields: dict[str, object] = {
        "best": _candidate(mixtures[best], competition),
        "improvement": improvement,
        "english": _english(mixtures[best], run_noise),
        "resolvable": None if improvement.low is None else bool(better[best] or (improvement.high or 0.0) < 0),
        "cheapest": _candidate(mixtures[cheapest], competition),
        "cheapest_improvement": improvements[cheapest],
        "not_worse": len(alike),
    }
    return fields | {"statement": _statement(improvement, mixtures, best, cheapest, len(alike))}


def _improvement(mixture: TrainedMixture, targets: Sequence[str], family: Family) -> Estimate:
    """Of the targets' mean over English-only training: positive is better, whatever the metric's direction."""
    verdict = family.verdict(mixture.key)
    if verdict is not None:
        method = f"max-t over {verdict.contrasts} contrasts: {verdict.basis}"
        return Estimate(value=verdict.value, low=verdict.low, high=verdict.high, method=method)
    alone = contrast([mixture.terms], {"": tuple(targets)}, RunNoise({}))[""].estimate
    sign = 1.0 if mixture.data.higher_is_better else -1.0
    value = None if alone.value is None else number(sign * alone.value)
    why = "none: every item says the same" if mixture.data.has_items else "none: only means, no repeated runs"
    return Estimate(value=value, low=None, high=None, method=why)


def _english(mixture: TrainedMixture, run_noise: RunNoise) -> Estimate:
    """What a mixture does to English: the change of the score, with an interval of its own."""
    code = (mixture.data.roles.english,)
    if missing(mixture.terms, code):
        return undefined("no English score")
    return contrast([mixture.terms], {"english": code}, run_noise)["english"].estimate


def _maybe_best(keys: Sequence[MemberKey], family: Family) -> list[int]:
    """Mixtures that the data cannot tell from the best one; none of them where one has no interval."""
    if any(family.verdict(key) is None for key in keys):
        return []
    return [int(index) for index in np.flatnonzero(maybe_best(*family.covariance(keys)))]


def _candidate(mixture: TrainedMixture, competition: Competition) -> Candidate:
    return Candidate(
        curve=mixture.data.id,
        train_languages=[mixture.data.roles.english, *mixture.data.roles.trained],
        samples_per_language=mixture.n,
        rows=mixture.rows,
        other_rows=mixture.other_rows,
        cost=number(competition.bill.of(mixture)),
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
