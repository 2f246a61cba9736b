"""What is expected of a donor before its rows are seen: the prior covariance of all effects of a design.

The effect of a donor on another language is the sum of a regression on what is known about the pair (the same for
all pairs, the same script, the same family, syntactic distance) and of a part of its own; a language's effect on
itself stands apart, with a prior so wide that the data decide; so does what donors do to English, on average: they
may cost it what they give to others. The effect of a unit is the sum over its languages.
"""

import numpy as np

from clt.statistics.donors.design import Unit
from clt.statistics.languages.distance import distances
from clt.statistics.languages.uriel import language
from clt.study import script

FEATURES = 4  # of a pair: any, script, family, syntactic distance
OWN_SD, OWN_SPREAD = 1.0, 0.5  # of a language's effect on itself, in log-odds at the largest n: shared, and its own
ENGLISH_SD = 0.3  # of what donors do to English on average, likewise
Array = np.ndarray


def prior_covariance(
    units: tuple[Unit, ...], languages: tuple[str, ...], *, sd: float, explained: float, english: str
) -> Array:
    """Covariance of the effects of U units on L languages, flattened to (U x L, U x L).

    Args:
        units: The donors.
        languages: Those that they may help.
        sd: Standard deviation of the effect of one donor on another language, on the link scale at the largest n.
        explained: Share of its variance that the regression on the pair has, from 0 to 1 (exclusive).
        english: The code of English.
    """
    pairs = [_pair(unit, target) for unit in units for target in languages]
    on_english = np.array([target == english for _ in units for target in languages])
    features = np.array([each[0] for each in pairs]) * ~on_english[:, None]
    others, own = np.array([each[1] for each in pairs]), np.array([each[2] for each in pairs])
    cost = np.where(on_english, others, 0)
    shared = sd**2 * explained / FEATURES * features @ features.T + OWN_SD**2 * np.outer(own, own)
    shared += ENGLISH_SD**2 * np.outer(cost, cost)
    return shared + np.diag(sd**2 * (1 - explained) * others + OWN_SPREAD**2 * own)


def _pair(unit: Unit, target: str) -> tuple[Array, int, int]:
    """What is known of a unit's donors and a language, summed over them (features,); how many are others, and own."""
    others = [donor for donor in unit if donor != target]
    return sum((_features(donor, target) for donor in others), np.zeros(FEATURES)), len(others), int(target in unit)


def _features(donor: str, target: str) -> Array:
    """From -1 to 1 each, 0 where it is not known."""
    first, second = _known(donor), _known(target)
    family = 0.0 if first is None or second is None else 1.0 if first == second else -1.0
    return np.array([1.0, 1.0 if script(donor) == script(target) else -1.0, family, _closeness(donor, target)])


def _known(code: str) -> str | None:
    try:
        found = language(code)
    except LookupError:
        return None
    return found.family if found else None


def _closeness(donor: str, target: str) -> float:
    try:
        apart = distances(donor, target).get("syntactic")
    except LookupError:
        return 0.0
    return 0.0 if apart is None else 1.0 - 2.0 * apart
