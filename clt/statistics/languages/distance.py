"""How far apart two languages are, from 0 to 1, by what the source knows about both.

Typological and genetic distances are URIEL's angular distance, 2/pi times the angle between two vectors, over the
features that are known of both languages (Khan et al. 2025, URIEL+, section on distances); geographic distance is the
way over the globe as a share of the longest one (Littell et al. 2017, URIEL and lang2vec).
"""

import numpy as np

from clt.statistics.languages.uriel import FEATURES, Language, language

KINDS = (*FEATURES, "genetic", "geographic")
FEWEST = 20  # features known of both languages: below it one feature more or less moves a distance by 0.1 and more
Array = np.ndarray


def distances(first: str, second: str) -> dict[str, float]:
    """Kind -> distance of two languages by code; kinds that the source does not allow are left out.

    The same language has distance 0 in every kind that it has data for. Raises LookupError for what is no language tag.
    """
    a, b = language(first), language(second)
    if a is None or b is None:
        return {}
    by_kind = {kind: _typological(a.features[kind], b.features[kind]) for kind in FEATURES if _both_have(a, b, kind)}
    by_kind |= {"genetic": _genetic(a.lineage, b.lineage), "geographic": _geographic(a.place, b.place)}
    return {kind: round(value, 4) for kind, value in by_kind.items() if value is not None}


def _both_have(a: Language, b: Language, kind: str) -> bool:
    return kind in a.features and kind in b.features


def _typological(a: Array, b: Array) -> float | None:
    known = (a >= 0) & (b >= 0)
    if known.sum() < FEWEST:
        return None
    return _angle(int((a * b)[known].sum()), int(a[known].sum()), int(b[known].sum()))


def _genetic(a: tuple[str, ...], b: tuple[str, ...]) -> float | None:
    """Over the branches that hold the languages; isolates have none in the source, and so no distance."""
    if not (a and b):
        return None
    shared = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return _angle(shared, len(a), len(b))


def _geographic(a: tuple[float, float] | None, b: tuple[float, float] | None) -> float | None:
    """Great-circle distance over half of the circumference, by the haversine formula."""
    if a is None or b is None:
        return None
    (latitude, longitude), (other_latitude, other_longitude) = a, b
    haversine = (
        np.sin((latitude - other_latitude) / 2) ** 2
        + np.cos(latitude) * np.cos(other_latitude) * np.sin((longitude - other_longitude) / 2) ** 2
    )
    return float(2 * np.arcsin(np.sqrt(min(haversine, 1.0))) / np.pi)


def _angle(both: int, first: int, second: int) -> float | None:
    """2/pi times the angle of two vectors of 0 and 1 with so many ones, and so many in common."""
    if not (first and second):
        return None
    return float(2 / np.pi * np.arccos(min(both / np.sqrt(first * second), 1.0)))
