"""What is known about the languages, and whether their gains go with it."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.languages.schema import LanguagesPart
from clt.statistics.rendering.formatting import probability


def view(part: LanguagesPart, context: Context) -> dict[str, Any] | None:
    facts, effects = part.languages, part.covariates
    if not facts and not effects:
        return None
    return {
        "facts": facts,
        "kinds": list(dict.fromkeys(kind for language in facts for kind in language.distance_from_english)),
        "sources": sorted({language.source for language in facts}),
        "effects": effects,
        "probability": probability,
        "resolved": [language for language in effects if language.answer in ("rises", "falls")],
    }
