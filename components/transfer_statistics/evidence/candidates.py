"""What could be a rule: single factors and pairs of them, and how much each one moves the change from n = 0.

Every candidate is a weighted sum over languages, over points and over units. A pair is what two factors bring together
beyond what each brings (a difference of differences), so a strong single factor does not make all its pairs rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.special import stdtr

from components.transfer_statistics.evidence import meta_regression
from components.transfer_statistics.evidence.units import Units

Array = np.ndarray
BETWEEN = ("task", "model", "family")  # factors that tell units apart
LANGUAGE = ("script", "role")  # factors that tell the languages of a unit apart
FEWEST_DF = 2
Candidate = dict[str, str]  # factor -> level; one or two


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    value: float
    error: float  # standard error; NaN where it cannot be estimated
    df: float

    @property
    def p(self) -> float:
        """Two-sided, NaN without a standard error."""
        return 2 * float(stdtr(self.df, -abs(self.value) / self.error)) if self.error > 0 else np.nan


def candidates(units: Units) -> list[Candidate]:
    """Every single factor and pair that the units can tell; of a factor with two levels one stands for both."""
    singles = list(_singles(units))
    pairs = [
        {**one, **two}
        for one, two in combinations(singles, 2)
        if set(one) != set(two) and not {"model", "family"} <= set(one) | set(two)
    ]
    return [*singles, *pairs]


def levels_of(units: Units, factor: str) -> list[str]:
    """The levels of a factor in these units, sorted; the first stands for both where there are two."""
    if factor == "task":
        return sorted(set(units.tasks))
    if factor == "model":
        return sorted(set(units.models))
    if factor == "family":
        return sorted(set(units.families))
    if factor == "setting":
        return sorted(units.settings)
    if factor == "n":
        return list(_thirds(units))
    chosen, names = _of_languages(units, factor)
    return names if 0 < chosen.sum() < len(chosen) else []


def effect(units: Units, candidate: Candidate) -> Effect | None:
    """The candidate's effect; None where these units do not identify it. Positive: more change for the better.

    Factors within a unit (script, role, n, setting) are differences inside each unit, task and model differences
    between units with the other one held. Units are weighed and tested by a random-effects meta-regression whose noise
    is estimated for every task from differences between neighbouring n (Rice 1984), which a trend hardly touches.
    For script and role the languages are a sample too: the variance between languages of one kind is added to that
    between units (Clark's min F', 1973), with Satterthwaite's degrees of freedom.
    """
    chosen = units if "setting" not in candidate else units.taken(np.isfinite(units.other).all(axis=(1, 2)))
    by_language = _language_weights(chosen, candidate)
    design = _unit_design(chosen, candidate)
    if by_language is None or design is None or not len(chosen.values):
        return None
    weights, language_design = by_language
    changes, noise = _changes(chosen, candidate, weights)
    fit = meta_regression.fit(changes @ weights, noise, design, design.shape[1] - 1)
    if fit is None:
        return None
    error, df = fit.error, float(fit.df)
    if set(candidate) & set(LANGUAGE):
        error, df = _with_languages(error, df, fit.weights @ changes, language_design, weights)
    return Effect(value=fit.value, error=error if fit.df >= FEWEST_DF else np.nan, df=df)


def cells(units: Units, candidate: Candidate) -> tuple[int, int]:
    """Values that the candidate covers, and those that it is compared with; changes from n = 0."""
    chosen = units if "setting" not in candidate else units.taken(np.isfinite(units.other).all(axis=(1, 2)))
    covered = np.ones(len(chosen.values), dtype=bool)
    for factor in BETWEEN:
        if factor in candidate:
            covered &= _of_units(chosen, factor) == candidate[factor]
    languages = np.ones(len(chosen.languages), dtype=bool)
    for factor in LANGUAGE:
        if factor in candidate:
            is_first, names = _of_languages(chosen, factor)
            languages &= is_first if candidate[factor] == names[0] else ~is_first
    counts = chosen.other_counts if "setting" in candidate else chosen.counts
    points = len(counts)
    inside = sum(_in_third(n, units, candidate["n"]) for n in counts) if "n" in candidate else points
    total = len(covered) * points * len(languages) * (2 if "setting" in candidate else 1)
    found = int(covered.sum()) * inside * int(languages.sum())
    return found, total - found


def opposite(units: Units, candidate: Candidate) -> Candidate | None:
    """The same candidate named by the other level of one of its factors, which turns the sign; None without one."""
    for factor in reversed(candidate):
        names = levels_of(units, factor)
        if len(names) == 2 and factor != "n":
            return {**candidate, factor: names[1 - names.index(candidate[factor])]}
    return None


def _singles(units: Units) -> Iterator[Candidate]:
    for factor in ("task", "model", "family", "setting", "script", "role", "n"):
        names = levels_of(units, factor)
        if factor == "family" and (len(names) < 2 or "" in names or _is_finer(units, names)):
            continue
        if len(names) < 2:
            continue
        for name in names[:1] if len(names) == 2 and factor != "n" else names:
            yield {factor: name}


def _is_finer(units: Units, families: list[str]) -> bool:
    """Whether every family is one model: then family and model are the same factor."""
    return len(set(units.models)) == len(families)


def _of_units(units: Units, factor: str) -> Array:
    return np.array({"task": units.tasks, "model": units.models, "family": units.families}[factor], dtype=object)


def _of_languages(units: Units, factor: str) -> tuple[Array, list[str]]:
    """Which languages have the factor's first level, and both levels."""
    if factor == "script":
        return ~units.non_latin, ["Latin", "non-Latin"]
    return ~units.trained, ["held out", "trained"]


def _thirds(units: Units) -> Iterator[str]:
    """The highest and the lowest third of n."""
    size = len(units.counts) // 3
    if size:
        yield f"{units.counts[-size]} or more"
        yield f"{units.counts[size - 1]} or fewer"


def _in_third(n: int, units: Units, level: str) -> bool:
    bound, _, which = level.partition(" or ")
    return n >= int(bound) if which == "more" else n <= int(bound)


def _language_weights(units: Units, candidate: Candidate) -> tuple[Array, Array] | None:
    """Weights (languages,) of the candidate's contrast, and the design whose last coefficient they compute.

    Script is compared at equal role and the other way round, by least squares over languages.
    """
    asked = [factor for factor in LANGUAGE if factor in candidate]
    count = len(units.languages)
    if not asked:
        return np.full(count, 1 / count), np.ones((count, 1))
    columns = [np.ones(count)]
    ordered = [factor for factor in LANGUAGE if factor not in asked] + asked
    coded = []
    for factor in ordered:
        is_first, names = _of_languages(units, factor)
        level = candidate.get(factor, names[0])
        inside = (is_first if level == names[0] else ~is_first).astype(float)
        if 0 < inside.sum() < count:
            columns.append(inside)
            coded.append(factor)
    if not set(asked) <= set(coded):
        return None
    if len(asked) == 2:
        columns.append(columns[-1] * columns[-2])
    design = np.stack(columns, axis=1)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    return np.linalg.pinv(design)[-1], design


def _unit_design(units: Units, candidate: Candidate) -> Array | None:
    """Design (units, columns) whose last coefficient is the candidate's effect."""
    asked = [factor for factor in BETWEEN if factor in candidate]
    columns = [np.ones(len(units.values))]
    if not asked:
        return columns[0][:, None]
    inside = [(_of_units(units, factor) == candidate[factor]).astype(float) for factor in asked]
    for factor in ("task", "model"):
        replaced = {factor, "family"} if factor == "model" else {factor}
        if len(asked) == 2 or not replaced & set(asked):
            of_units = _of_units(units, factor)
            columns += [(of_units == level).astype(float) for level in sorted(set(of_units))[1:]]
    columns.append(np.prod(inside, axis=0))
    design = np.stack(columns, axis=1)
    return design if np.linalg.matrix_rank(design) == design.shape[1] else None


def _changes(units: Units, candidate: Candidate, weights: Array) -> tuple[Array, Array]:
    """The candidate's contrast over points for every unit and language, and the variance of its noise (units,)."""
    if "setting" not in candidate:
        points = _point_weights(units.counts, units, candidate)
        return _summed(units.values, points), _noise(units, units.values, points, weights)
    places = [0, *(1 + units.counts.index(n) for n in units.other_counts)]
    points = _point_weights(units.other_counts, units, candidate)
    sign = 1.0 if candidate["setting"] == units.settings[1] else -1.0
    difference = sign * (units.other - units.values[:, places])
    noise = sum(_noise(units, part, points, weights) for part in (units.other, units.values[:, places]))
    return _summed(difference, points), np.asarray(noise)


def _point_weights(counts: tuple[int, ...], units: Units, candidate: Candidate) -> Array:
    """Weights (points,) with n = 0 first: the mean change, or the difference of a third of n from the other n."""
    if "n" not in candidate:
        return np.array([-1.0, *(1 / len(counts) for _ in counts)])
    inside = np.array([_in_third(n, units, candidate["n"]) for n in counts])
    if not 0 < inside.sum() < len(inside):
        return np.full(len(counts) + 1, np.nan)
    return np.concatenate(([0.0], np.where(inside, 1 / inside.sum(), -1 / (~inside).sum())))


def _summed(values: Array, points: Array) -> Array:
    return np.einsum("upl,p->ul", values, points)


def _noise(units: Units, values: Array, points: Array, weights: Array) -> Array:
    """Variance of every unit's contrast from the scatter of its series over n > 0, pooled within a task; 0: unknown."""
    series = (values @ weights)[:, 1:]
    tasks = np.array(units.tasks, dtype=object)
    if series.shape[1] < 2:
        return np.zeros(len(series))
    each = (np.diff(series, axis=1) ** 2).mean(axis=1) / 2
    pooled = np.array([each[tasks == task].mean() for task in units.tasks])
    return pooled * float((points**2).sum())


def _with_languages(error: float, df: float, by_language: Array, design: Array, weights: Array) -> tuple[float, float]:
    """Standard error and degrees of freedom with the variance between languages; NaN with too few languages."""
    left = by_language - design @ (np.linalg.pinv(design) @ by_language)
    language_df = len(by_language) - design.shape[1]
    if language_df < FEWEST_DF or not df:
        return np.nan, df
    languages = float(left @ left) / language_df * float(weights @ weights)
    variance = error**2 + languages
    return float(np.sqrt(variance)), variance**2 / (error**4 / df + languages**2 / language_df)


def restricted(units: Units, *, task: str = "", model: str = "") -> Units:
    """The units without one task or model."""
    keep = np.array([t != task and m != model for t, m in zip(units.tasks, units.models, strict=True)])
    return replace(units.taken(keep))
