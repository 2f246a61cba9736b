"""Which mixture the evidence favours, for each model, setting and task."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.recommendation.schema import Candidate, Recommendation, RecommendationsPart
from clt.statistics.rendering.formatting import with_interval, words


def view(part: RecommendationsPart, context: Context) -> dict[str, Any] | None:
    recommendations = part.recommendations
    if not recommendations:
        return None
    first = recommendations[0]
    rows = [
        {
            "one": recommendation,
            "what": f"{recommendation.model} · {words(recommendation.setting)}",
            "task": words(recommendation.task),
            "short": _short(recommendation, context),
            "best": _mixture(recommendation.best, recommendation.prices),
            "cheapest": _mixture(recommendation.cheapest, recommendation.prices),
            "signed": context.digits.signed(recommendation.task, recommendation.metric),
        }
        for recommendation in _ordered(recommendations)
    ]
    return {
        "asked": f"{_budget(first)}; targets: {', '.join(first.targets)}",
        "rows": rows,
        "unresolved": sum(recommendation.resolvable is False for recommendation in recommendations),
        "unknown": sum(recommendation.resolvable is None for recommendation in recommendations),
        "resolved": [
            row
            for row, recommendation in zip(rows, _ordered(recommendations), strict=True)
            if recommendation.resolvable
        ],
    }


def _budget(one: Recommendation) -> str:
    if one.budget is None:
        return "without a limit of rows"
    if not one.prices:
        return f"for at most {one.budget:,} {one.budget_counts}"
    prices = ", ".join(f"{code} {price:g}" for code, price in one.prices.items())
    return f"where {one.budget_counts} cost at most {one.budget:,} (a row of {prices}, else 1)"


def _ordered(recommendations: list[Recommendation]) -> list[Recommendation]:
    return sorted(
        recommendations, key=lambda recommendation: (recommendation.task, recommendation.model, recommendation.setting)
    )


def _short(recommendation: Recommendation, context: Context) -> str:
    """The cheapest mixture that cannot be told from the best, where any is better than none; else what is."""
    if recommendation.cheapest is None or (recommendation.improvement.high or 0.0) < 0:
        return recommendation.statement
    gain = with_interval(
        recommendation.cheapest_improvement, context.digits.signed(recommendation.task, recommendation.metric)
    )
    mixture = " ".join(recommendation.cheapest.train_languages)
    told = (
        "improves most"
        if recommendation.cheapest == recommendation.best
        else "cannot be told from the best and is the cheapest such"
    )
    return f"{mixture} with n = {recommendation.cheapest.samples_per_language} {told}, {gain}"


def _mixture(candidate: Candidate | None, prices: dict[str, float]) -> tuple[str, str] | None:
    if candidate is None:
        return None
    rows = candidate.other_rows if candidate.rows is None else candidate.rows
    if rows is None:
        return " ".join(candidate.train_languages), f"n = {candidate.samples_per_language}; rows not known"
    kind = "other rows" if candidate.rows is None else "rows"
    cost = f", at a cost of {candidate.cost:,.0f}" if prices and candidate.cost is not None else ""
    return " ".join(candidate.train_languages), f"n = {candidate.samples_per_language}; {rows:,} {kind}{cost}"
