"""Which mixture the evidence favours, for each model, setting and task."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.recommendation.schema import Candidate, Recommendation, RecommendationsPart
from clt.statistics.rendering.formatting import with_interval, words


def view(part: RecommendationsPart, context: Context) -> dict[str, Any] | None:
    found = part.recommendations
    if not found:
        return None
    first = found[0]
    budget = (
        "without a limit of rows" if first.budget is None else f"for at most {first.budget:,} {first.budget_counts}"
    )
    rows = [
        {
            "one": one,
            "what": f"{one.model} · {words(one.setting)}",
            "task": words(one.task),
            "short": _short(one, context),
            "best": _mixture(one.best),
            "cheapest": _mixture(one.cheapest),
            "signed": context.digits.signed(one.task, one.metric),
        }
        for one in _ordered(found)
    ]
    return {
        "asked": f"{budget}; targets: {', '.join(first.targets)}",
        "rows": rows,
        "unresolved": sum(one.resolvable is False for one in found),
        "unknown": sum(one.resolvable is None for one in found),
        "resolved": [row for row, one in zip(rows, _ordered(found), strict=True) if one.resolvable],
    }


def _ordered(found: list[Recommendation]) -> list[Recommendation]:
    return sorted(found, key=lambda one: (one.task, one.model, one.setting))


def _short(one: Recommendation, context: Context) -> str:
    """The cheapest mixture that cannot be told from the best, where any is better than none; else what is."""
    if one.cheapest is None or (one.improvement.high or 0.0) < 0:
        return one.statement
    gain = with_interval(one.cheapest_improvement, context.digits.signed(one.task, one.metric))
    mixture = " ".join(one.cheapest.train_languages)
    told = "improves most" if one.cheapest == one.best else "cannot be told from the best and is the cheapest such"
    return f"{mixture} with n = {one.cheapest.samples_per_language} {told}, {gain}"


def _mixture(candidate: Candidate | None) -> tuple[str, str] | None:
    if candidate is None:
        return None
    rows = candidate.other_rows if candidate.rows is None else candidate.rows
    kind = "other rows" if candidate.rows is None else "rows"
    return " ".join(candidate.train_languages), f"n = {candidate.samples_per_language}; {rows:,} {kind}"
