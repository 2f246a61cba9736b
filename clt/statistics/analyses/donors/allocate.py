"""How to divide a budget of rows: the mixtures tried and the best one within what was tried, with what is at stake.

The budget counts what rows cost: of all languages where the rows of English are known, else of the others alone. No
language gets more rows than were tried of it. Languages whose rows always rose together stay in these proportions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clt.errors import UserError
from clt.statistics.analyses.donors.compute import GROUP, Fit, said_of_misses
from clt.statistics.analyses.donors.schema import Allocation, Mixture
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.analyses.recommendation.schema import Recommendation
from clt.statistics.donors.allocation import Outlook, Predictor, Terms, best_allocation, outlook, regrets
from clt.statistics.donors.design import Design
from clt.statistics.scores.language_rows import cost_of
from clt.statistics.values import Estimate, number

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Ledger:
    """English rows and the cost of mixtures with `rows` (U,) in each language of every unit."""

    design: Design
    prices: Mapping[str, float]

    def english(self, rows: Array) -> float:
        """Rows of English: a unit's where they vary by themselves, what is left of a fixed sum, or always as many.

        NaN where they are not known.
        """
        if (self.design.english,) in self.design.units:
            return float(rows[self.design.units.index((self.design.english,))])
        known = np.array([point.english_rows for point in self.design.points])
        if np.isnan(known).any():
            return np.nan
        sums = known + np.array([self.others(each) for each in self.design.rows])
        return float(sums[0] - self.others(rows)) if np.ptp(known) and not np.ptp(sums) else float(known.max())

    def others(self, rows: Array) -> float:
        return sum(self.by_language(rows).values())

    def cost(self, rows: Array) -> float:
        english = self.english(rows)
        known = {} if np.isnan(english) else {self.design.english: english}
        return cost_of(self.by_language(rows) | known, self.prices)

    def by_language(self, rows: Array) -> dict[str, float]:
        """Rows of every language but English."""
        shares = self.design.shares
        units = zip(self.design.units, rows, strict=True)
        return {code: float(count) * shares[code] for unit, count in units for code in unit if code in shares}


def allocations_of(
    fits: Sequence[Fit], request: RecommendationRequest, recommendations: Sequence[Recommendation] = ()
) -> list[Allocation]:
    """One allocation for every fit, beside what is recommended of the mixtures tried.

    Raises UserError where no mixture of any fit is within the budget, with the cheapest.
    """
    ledgers = [Ledger(each.design, request.prices) for each in fits]
    costs = {
        ledger.cost(rows): point.name
        for ledger in ledgers
        for point, rows in zip(ledger.design.points, ledger.design.rows, strict=True)
        if point.n
    }
    if costs and request.budget is not None and min(costs) > request.budget:
        raise UserError(
            f"budget: got {request.budget}, expected {np.ceil(min(costs)):.0f} or more, what the cheapest mixture "
            f"costs: {costs[min(costs)]}"
        )
    resolvable = {tuple(getattr(one, name) for name in GROUP): one.resolvable for one in recommendations}
    return [
        _allocation(each, ledger, request, resolvable.get(tuple(each.identity[name] for name in GROUP)))
        for each, ledger in zip(fits, ledgers, strict=True)
    ]


def _allocation(fitted: Fit, ledger: Ledger, request: RecommendationRequest, resolvable: bool | None) -> Allocation:
    design = fitted.design
    weights = _weights(design, request)
    document = Allocation(
        **fitted.identity,
        budget=request.budget,
        budget_counts="rows in other languages" if np.isnan(ledger.english(design.rows[0])) else "all rows",
        prices=dict(request.prices),
        weights=weights,
        english_margin=request.english_margin,
        english_may_fall=None if (may_fall := _may_fall(fitted, request)) is None else number(may_fall),
        missed=fitted.misses(weights),
        resolvable=resolvable,
        mixtures=[],
        statement="",
    )
    needed = [*weights] if request.english_margin is None else [*weights, design.english]
    if missing := [code for code in needed if code not in design.languages] or ([] if weights else ["any target"]):
        return document.model_copy(
            update={"statement": f"nothing to allocate: {missing[0]} is not scored at every point"}
        )
    if not fitted.holds(document.missed):
        return document.model_copy(update={"statement": said_of_misses(fitted, document.missed, "no division")})
    terms = _terms(fitted, ledger, weights, request)
    predictor = Predictor.of(fitted.posterior, fitted.response)
    points = {tuple(rows): point.name for point, rows in zip(design.points, design.rows, strict=True)}
    tried = [outlook(predictor, terms, np.array(rows)) for rows in points if terms.cost(np.array(rows)) <= terms.most]
    if not any(each.is_allowed for each in tried):
        return document.model_copy(update={"statement": "no mixture within the budget that keeps English"})
    best = best_allocation(predictor, terms, tried)
    others = [each for each in tried if (each.rows != best.rows).any()]
    others.sort(key=lambda each: -float(each.value.mean()))
    named = [(points.get(tuple(each.rows), "the best division"), each) for each in (best, *others)]
    mixtures = _mixtures(fitted, ledger, terms, named)
    return document.model_copy(
        update={"mixtures": mixtures, "statement": _statement(document, mixtures[0], terms, design)}
    )


def _weights(design: Design, request: RecommendationRequest) -> dict[str, float]:
    """Weight of every target; without targets of all languages but English that every point has."""
    targets = request.targets or tuple(code for code in design.languages if code != design.english)
    weights = {code: request.weights.get(code, 1.0) for code in (*targets, *request.weights)}
    return {code: weight for code, weight in weights.items() if weight > 0}


def _terms(fitted: Fit, ledger: Ledger, weights: Mapping[str, float], request: RecommendationRequest) -> Terms:
    design = fitted.design
    shares = np.array([weights.get(code, 0.0) for code in design.languages]) / sum(weights.values())
    is_english = np.array([unit == (design.english,) for unit in design.units])
    least = np.where(is_english, design.rows.min(axis=0), 0.0)
    return Terms(
        weights=fitted.sign * shares,
        most=np.inf if request.budget is None else float(request.budget),
        cost=ledger.cost,
        least=least,
        largest=design.rows.max(axis=0),
        english=design.languages.index(design.english) if design.english in design.languages else None,
        margin=_may_fall(fitted, request),
        sign=fitted.sign,
        base=design.base,
    )


def _may_fall(fitted: Fit, request: RecommendationRequest) -> float | None:
    """The margin of English in the metric's unit."""
    if request.english_margin is None or fitted.whole is None:
        return None
    return request.english_margin * fitted.whole


def _mixtures(fitted: Fit, ledger: Ledger, terms: Terms, named: Sequence[tuple[str, Outlook]]) -> list[Mixture]:
    """The mixtures as documents, in order, compared among those that are allowed."""
    measured = _measured(fitted, terms)
    allowed = [k for k, (_, each) in enumerate(named) if each.is_allowed]
    probability, behind = regrets([named[k][1] for k in allowed])
    documents = []
    for k, (name, each) in enumerate(named):
        at = allowed.index(k) if k in allowed else None
        english = ledger.english(each.rows)
        documents.append(
            Mixture(
                name=name,
                tried=name != "the best division",
                english_rows=None if np.isnan(english) else int(english),
                rows={code: round(count) for code, count in ledger.by_language(each.rows).items()},
                cost=round(terms.cost(each.rows), 6),
                improvement=_estimate(each.value),
                measured=measured.get(tuple(each.rows)),
                english=_estimate(each.english),
                english_falls=None if terms.margin is None else each.risk,
                allowed=each.is_allowed,
                probability_best=None if at is None else number(probability[at]),
                expected_regret=None if at is None else number(behind[:, at].mean()),
                regret_95=None if at is None else number(np.quantile(behind[:, at], 0.95)),
            )
        )
    return documents


def _measured(fitted: Fit, terms: Terms) -> dict[tuple[float, ...], float | None]:
    """Improvement of the targets over English-only training, as the runs scored, by rows."""
    design = fitted.design
    scores = fitted.response.score(fitted.response.value.reshape(len(design.points), -1))
    changes = zip(design.rows, design.changes, strict=True)
    return {tuple(rows): number(change @ scores @ terms.weights) for rows, change in changes if change.any()}


def _estimate(draws: Array) -> Estimate:
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(value=number(draws.mean()), low=number(low), high=number(high), method="posterior draws")


def _statement(document: Allocation, best: Mixture, terms: Terms, design: Design) -> str:
    """The allocation in a sentence."""
    english = {design.english: best.english_rows or 0} if (design.english,) in design.units else {}
    rows = ", ".join(f"{count:,} {code}" for code, count in (english | best.rows).items() if count) or "English alone"
    kept = (
        ""
        if terms.margin is None
        else f"; English falls by more than the margin with a probability of {best.english_falls:.1%}"
    )
    how = "as tried" if best.tried else "never tried as such: effects are taken to add up"
    prior = "; not identified: " + ", ".join("+".join(unit) for unit in design.moves_with) if design.moves_with else ""
    doubt = "; not told from English alone" if (best.improvement.low or 0.0) <= 0 and any(best.rows.values()) else ""
    noise = "; among the mixtures tried no improvement is resolvable" if document.resolvable is False else ""
    return f"{rows} ({how}){doubt}{noise}{kept}{prior}"
