"""Which mixture the evidence favours, for each model, setting and task."""

from typing import Any

from components.transfer_statistics.rendering.views.context import Context
from components.transfer_statistics.rendering.wording import words
from components.transfer_statistics.schema import Candidate


def view(context: Context) -> dict[str, Any] | None:
    found = context.statistics.recommendations
    if not found:
        return None
    first = found[0]
    budget = "without a limit of rows" if first.budget is None else f"for at most {first.budget:,} {first.budget_counts}"
    return {
        "asked": f"{budget}; targets: {', '.join(first.targets)}",
        "rows": [
            {
                "one": one,
                "what": f"{one.model} · {words(one.setting)}",
                "task": words(one.task),
                "best": _mixture(one.best),
                "cheapest": _mixture(one.cheapest),
                "signed": context.digits.signed(one.task, one.metric),
            }
            for one in sorted(found, key=lambda one: (one.task, one.model, one.setting))
        ],
    }


def _mixture(candidate: Candidate | None) -> tuple[str, str] | None:
    if candidate is None:
        return None
    rows = candidate.other_rows if candidate.rows is None else candidate.rows
    kind = "other rows" if candidate.rows is None else "rows"
    return f"{' '.join(candidate.train_languages)}, n = {candidate.samples_per_language}", f"{rows:,} {kind}"
