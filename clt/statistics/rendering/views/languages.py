"""What is known about the languages, and whether their gains go with it."""

from typing import Any

from clt.statistics.rendering.views.context import Context
from clt.statistics.rendering.wording import probability


def view(context: Context) -> dict[str, Any] | None:
    facts, effects = context.statistics.languages, context.statistics.covariates
    if not facts and not effects:
        return None
    return {
        "facts": facts,
        "kinds": list(dict.fromkeys(kind for one in facts for kind in one.distance_from_english)),
        "sources": sorted({one.source for one in facts}),
        "effects": effects,
        "probability": probability,
        "resolved": [one for one in effects if one.answer in ("rises", "falls")],
    }
