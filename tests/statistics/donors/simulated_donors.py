"""Studies with known effects of donors: single languages, pairs and all together, items, and noise between runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from clt.statistics.scores.curve_data import CurveData
from clt.study import script
from tests.statistics.conftest import array_curve

LANGUAGES = ("en", "es", "fr", "ja", "zh", "pt", "ar", "ko")
DONORS = ("es", "fr", "ja", "zh")
SINGLES = tuple((code,) for code in DONORS)
PAIRS = (("es", "fr"), ("ja", "zh"), ("es", "ja"))
COUNTS = (0, 200, 800, 3200)
LEVELS = np.array([1.2, 0.3, 0.4, -0.8, -0.6, 0.1, -0.9, -1.2])
FAMILY = {"en": "g", "es": "r", "fr": "r", "pt": "r", "ja": "j", "zh": "s", "ar": "a", "ko": "k"}
DIFFICULTY = 1.0  # standard deviation of items, log-odds
HALF = 700.0  # rows at which half of the effect is reached
Array = np.ndarray
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)


@dataclass(frozen=True)
class Truth:
    """Effects of the largest rows (donors, languages) in log-odds of one item."""

    effects: Array
    half: float = HALF  # rows at which half of an effect is reached; nearly 0: a step at the first row

    def linked(self, rows: Mapping[str, float]) -> Array:
        """Log-odds of the mean score over all items that there could be (L,)."""
        return _of_mean(LEVELS + strength(rows, self.half) @ self.effects)


def strength(rows: Mapping[str, float], half: float = HALF) -> Array:
    """How much of its effect each donor has at its rows."""
    n = np.array([rows.get(code, 0.0) for code in DONORS])
    return (n / (n + half)) / (COUNTS[-1] / (COUNTS[-1] + half))


def planted(generator: np.random.Generator, size: float = 0.25, own: float = 0.7) -> Truth:
    """Donors that help languages of their script and family more, each also for reasons of its own."""
    effects = np.zeros((len(DONORS), len(LANGUAGES)))
    for k, donor in enumerate(DONORS):
        for j, code in enumerate(LANGUAGES):
            alike = 0.6 * (script(donor) == script(code)) + 0.8 * (FAMILY[donor] == FAMILY[code])
            effects[k, j] = own + 0.2 * generator.normal() if donor == code else size * (alike + generator.normal() / 2)
    effects[:, 0] = -0.1 * np.abs(generator.normal(size=len(DONORS)))
    return Truth(effects)


def risen(own: float, others: float, half: float = HALF) -> Truth:
    """The four languages together move themselves by `own` and all others but English by `others`, in log-odds."""
    each = [0.0 if code == "en" else own if code in DONORS else others for code in LANGUAGES]
    return Truth(np.tile(np.array(each) / len(DONORS), (len(DONORS), 1)), half)


def nothing() -> Truth:
    return Truth(np.zeros((len(DONORS), len(LANGUAGES))))


def study(
    generator: np.random.Generator,
    truth: Truth,
    sets: Sequence[tuple[str, ...]] = (*SINGLES, *PAIRS, DONORS),
    *,
    items: int = 200,
    runs: int = 1,
    common: float = 0.1,
    each: float = 0.12,
    counts: Sequence[int] = COUNTS,
    **identity: str,
) -> list[CurveData]:
    """One curve a set of training languages; all share their English-only runs and their items."""
    difficulty = DIFFICULTY * generator.normal(size=(items, 1))
    english = _scored(generator, truth, {}, difficulty, runs, common, each)
    curves = []
    for trained in sets:
        points = [
            english if n == 0 else _scored(generator, truth, dict.fromkeys(trained, n), difficulty, runs, common, each)
            for n in counts
        ]
        order = (LANGUAGES[0], *trained, *(code for code in LANGUAGES[1:] if code not in trained))
        scores = np.stack(points, axis=2)[..., [LANGUAGES.index(code) for code in order]]
        rows = [(10_000.0, float(n * len(trained))) for n in counts]
        curves.append(
            array_curve(
                scores,
                trained=trained,
                held_out=order[len(trained) + 1 :],
                counts=counts,
                rows=rows,
                metric="exact_match",
                **identity,
            )
        )
    return curves


def _scored(
    generator: np.random.Generator,
    truth: Truth,
    rows: Mapping[str, float],
    difficulty: Array,
    runs: int,
    common: float,
    each: float,
) -> Array:
    """Right or wrong, axes (runs, items, languages)."""
    shape = runs, len(LANGUAGES)
    noise = common * generator.normal(size=(runs, 1)) + each * generator.normal(size=shape)
    odds = LEVELS + strength(rows, truth.half) @ truth.effects + noise
    own = 0.7 * generator.normal(size=(len(difficulty), len(LANGUAGES)))  # how an item suits a language
    return (generator.random((runs, len(difficulty), len(LANGUAGES))) < expit(odds[:, None] + difficulty + own)) * 1.0


def _of_mean(odds: Array) -> Array:
    spread = np.sqrt(DIFFICULTY**2 + 0.7**2)
    share = (expit(odds[..., None] + spread * _NODES) * _WEIGHTS).sum(axis=-1) / _WEIGHTS.sum()
    return np.asarray(logit(share))
