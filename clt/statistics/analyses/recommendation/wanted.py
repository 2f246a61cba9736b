"""What was asked for, held against what was trained and evaluated: languages by the curves' own codes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from clt.errors import UserError
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.scores.curve_data import CurveData
from clt.study import canonical_or_same


def checked(request: RecommendationRequest, curves: Sequence[CurveData]) -> RecommendationRequest:
    """The request with the codes of the curves.

    Raises UserError for a price of a language that is not trained on, a weight or target of one that is not evaluated,
    and weights that sum to nothing.
    """
    trained = {code for data in curves for code in (data.roles.english, *data.roles.trained)}
    scored = {code for data in curves for code in data.roles.languages if code not in data.roles.unscored}
    weights = _known("weights", request.weights, scored, "evaluated")
    targets = tuple(_known("targets", dict.fromkeys(request.targets, 1.0), scored, "evaluated"))
    default = targets or sorted(scored - {data.roles.english for data in curves})
    if weights and not any((dict.fromkeys(default, 1.0) | weights).values()):
        asked = ", ".join(f"{code}={weight:g}" for code, weight in weights.items())
        raise UserError(f"weights: got {asked}, which sum to nothing for the targets; expected one above 0")
    prices = _known("prices", request.prices, trained, "trained")
    return replace(request, prices=prices, weights=weights, targets=targets)


def _known(name: str, given: Mapping[str, float], allowed: Iterable[str], what: str) -> dict[str, float]:
    known = {code if code in allowed else canonical_or_same(code): value for code, value in given.items()}
    if unknown := [code for code in known if code not in allowed]:
        raise UserError(f"{name}: got {unknown[0]!r}, expected {what} languages: {', '.join(sorted(allowed))}")
    return known
