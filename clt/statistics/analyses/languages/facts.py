"""What is known about the evaluated languages besides their scores."""

from collections.abc import Iterable, Sequence

from clt.statistics.analyses.languages.schema import LanguageFacts
from clt.statistics.languages.distance import KINDS, distances
from clt.statistics.languages.uriel import language, source
from clt.statistics.scores.curve_data import CurveData
from clt.study import script


def language_facts(curves: Sequence[CurveData]) -> list[LanguageFacts]:
    """Facts of every language of the curves, sorted by code; the distances go from 0 to 1.

    The training languages are those of any of the curves, without English. What the source does not know is null or,
    for a kind of distance, left out.
    """
    if not curves:
        return []
    english = curves[0].roles.english
    trained = sorted({code for data in curves for code in data.roles.trained})
    codes = sorted({code for data in curves for code in data.roles.languages})
    return [_facts(code, english, trained) for code in codes]


def closest(code: str, others: Iterable[str]) -> dict[str, float]:
    """Kind -> distance to the closest of the others, the language itself excluded; kinds without any are left out."""
    known_distances = [distances(code, other) for other in others if other != code]
    known = {kind: [by_kind[kind] for by_kind in known_distances if kind in by_kind] for kind in KINDS}
    return {kind: min(values) for kind, values in known.items() if values}


def _facts(code: str, english: str, trained: Sequence[str]) -> LanguageFacts:
    facts = language(code)
    return LanguageFacts(
        code=code,
        name=facts.name if facts else code,
        script=script(code),
        family=facts.family if facts else None,
        resource_level=facts.resource_level if facts else None,
        distance_from_english=distances(code, english),
        distance_from_training=closest(code, trained),
        source=f"script: CLDR, in langcodes; all else: {source() if facts else 'not known'}",
    )
