"""How much a candidate rule moves the change from n = 0, with its standard error.

An effect is a weighted sum over languages, over points and over units. That of a pair is what two factors bring
together beyond what each brings (a difference of differences), so a strong single factor does not make all its pairs
rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from clt.statistics.analyses.conditions.candidates import BETWEEN, LANGUAGE, Factors, Third, of_languages, of_units
from clt.statistics.analyses.conditions.units import Units
from clt.statistics.inference import meta_regression

Array = np.ndarray
FEWEST_DF = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    value: float
    error: float  # standard error; NaN where it cannot be estimated
    df: float

    @property
    def p(self) -> float:
        """Two-sided, NaN without a standard error."""
        return 2 * float(stdtr(self.df, -abs(self.value) / self.error)) if self.error > 0 else np.nan


def effect(units: Units, candidate: Factors) -> Effect | None:
    """The candidate's effect; None where these units do not identify it. Positive: more change for the better.

    Factors within a unit (script, role, n, setting) are differences inside each unit, task and model differences
    between units with the other one held. Units are weighed and tested by a random-effects meta-regression whose noise
    is estimated for every task from differences between neighbouring n (Rice 1984), which a trend hardly touches.
    For script and role the languages are a sample too: where languages of one kind differ by more than noise, their
    variance is added to that between units (Clark's min F', 1973), with Satterthwaite's degrees of freedom.
    """
    chosen = units if "setting" not in candidate else units.taken(np.isfinite(units.other).all(axis=(1, 2)))
    languages = _language_design(chosen, candidate)
    design = _unit_design(chosen, candidate)
    parts = _series(chosen, candidate)
    if languages is None or design is None or not len(chosen.values):
        return None
    asked = bool(set(candidate) & set(LANGUAGE))
    weights = np.linalg.pinv(languages)[-1] if asked else np.full(len(languages), 1 / len(languages))
    changes = np.asarray(sum(part.changes() for part in parts))
    noise = np.asarray(sum(part.noise(chosen.tasks, weights[:, None]) for part in parts))
    noise_df = min(part.noise_df(chosen.tasks) for part in parts)
    fit = meta_regression.fit(changes @ weights, noise, noise_df, design, design.shape[1] - 1)
    if fit is None:
        return None
    estimated = Effect(value=fit.value, error=fit.error if fit.df >= FEWEST_DF else np.nan, df=fit.df)
    if not asked or not estimated.error > 0:
        return estimated
    rest = np.eye(len(languages)) - languages @ np.linalg.pinv(languages)
    each = np.asarray(sum(part.noise(chosen.tasks, rest) for part in parts))  # of what the kinds leave unexplained
    squares = float(((rest @ (fit.weights @ changes)) ** 2).sum())
    return _with_languages(
        estimated, squares, len(languages) - languages.shape[1], weights, fit.weights**2 @ each, noise_df
    )


def _language_design(units: Units, candidate: Factors) -> Array | None:
    """Design (languages, columns) whose last coefficient is the candidate's contrast between languages, if it is one.

    Script is compared at equal role and the other way round, by least squares over languages.
    """
    asked = [factor for factor in LANGUAGE if factor in candidate]
    count = len(units.languages)
    columns = [np.ones(count)]
    for factor in [factor for factor in LANGUAGE if factor not in asked] + asked if asked else []:
        is_first, names = of_languages(units, factor)
        inside = (is_first if candidate.get(factor, names[0]) == names[0] else ~is_first).astype(float)
        if 0 < inside.sum() < count:
            columns.append(inside)
        elif factor in asked:
            return None
    if len(asked) == 2:
        columns.append(columns[-1] * columns[-2])
    design = np.stack(columns, axis=1)
    return design if np.linalg.matrix_rank(design) == design.shape[1] else None


def _unit_design(units: Units, candidate: Factors) -> Array | None:
    """Design (units, columns) whose last coefficient is the candidate's effect."""
    asked = [factor for factor in BETWEEN if factor in candidate]
    columns = [np.ones(len(units.values))]
    if not asked:
        return columns[0][:, None]
    inside = [(of_units(units, factor) == candidate[factor]).astype(float) for factor in asked]
    for factor in ("task", "model"):
        replaced = {factor, "family"} if factor == "model" else {factor}
        if len(asked) == 2 or not replaced & set(asked):
            levels = of_units(units, factor)
            columns += [(levels == level).astype(float) for level in sorted(set(levels))[1:]]
    columns.append(np.prod(inside, axis=0))
    design = np.stack(columns, axis=1)
    return design if np.linalg.matrix_rank(design) == design.shape[1] else None


@dataclass(frozen=True, slots=True)
class _Series:
    """Values (units, points, languages) and the weights of their points."""

    values: Array
    points: Array

    def changes(self) -> Array:
        """The weighted sum over points, (units, languages)."""
        return np.einsum("upl,p->ul", self.values, self.points)

    def noise(self, tasks: Sequence[str], weights: Array) -> Array:
        """Variance (units,) of the changes times weights (languages, contrasts), summed over contrasts.

        From the differences between neighbouring n > 0, pooled within a task; 0: not known.
        """
        series = (self.values @ weights)[:, 1:]
        if series.shape[1] < 2:
            return np.zeros(len(series))
        each = (np.diff(series, axis=1) ** 2).mean(axis=1).sum(axis=-1) / 2
        names = np.array(tasks, dtype=object)
        pooled = np.array([each[names == task].mean() for task in tasks])
        return pooled * float((self.points**2).sum())

    def noise_df(self, tasks: Sequence[str]) -> float:
        """Degrees of freedom of the noise of the task with fewest units: two thirds of the differences."""
        return 2 / 3 * (self.values.shape[1] - 2) * min(tasks.count(task) for task in tasks)


def _series(units: Units, candidate: Factors) -> list[_Series]:
    """What is summed: the units' values, or with a setting those of both settings with opposite signs."""
    if "setting" not in candidate:
        return [_Series(units.values, _point_weights(units.sample_sizes, candidate))]
    places = [0, *(1 + units.sample_sizes.index(n) for n in units.other_sample_sizes)]
    points = _point_weights(units.other_sample_sizes, candidate)
    sign = 1.0 if candidate["setting"] == units.settings[1] else -1.0
    return [_Series(units.other, sign * points), _Series(units.values[:, places], -sign * points)]


def _point_weights(sample_sizes: tuple[int, ...], candidate: Factors) -> Array:
    """Weights (points,) with n = 0 first: the mean change, or the difference of a third of n from the other n."""
    third = candidate.get("n")
    if not isinstance(third, Third):
        return np.array([-1.0, *(1 / len(sample_sizes) for _ in sample_sizes)])
    inside = np.array([third.holds(n) for n in sample_sizes])
    if not 0 < inside.sum() < len(inside):
        return np.full(len(sample_sizes) + 1, np.nan)
    return np.concatenate(([0.0], np.where(inside, 1 / inside.sum(), -1 / (~inside).sum())))


def _with_languages(
    estimated: Effect, squares: float, df: int, weights: Array, noise: float, noise_df: float
) -> Effect:
    """The effect with the variance between languages of one kind; without a standard error with too few languages.

    squares: of the languages around the mean of their kind, with df degrees of freedom; noise: what noise alone makes
    of squares.
    """
    if df < FEWEST_DF:
        return replace(estimated, error=np.nan)
    if noise > 1e-12 and meta_regression.is_noise(squares / noise * df, df, noise_df):
        return estimated
    languages = squares / df * float(weights @ weights)
    variance = estimated.error**2 + languages
    freedom = variance**2 / (estimated.error**4 / estimated.df + languages**2 / df)
    return replace(estimated, error=float(np.sqrt(variance)), df=freedom)
