"""How the languages' improvements go with what is known about the languages.

Being trained on raises a language more than being near to a trained one, and the two go together by design. So the
role is held fixed: trained and held-out languages are taken by themselves where there are enough of both, else all
together, with the partial rank correlation given the role and p from exchanging languages of the same role only. Such
a p is exact; permuting residuals freely (Freedman and Lane) rejects up to four times too often with seven languages.

p takes the languages to be independent cases, which Spanish, French and Portuguese are not, and no covariate is freed
of another: with the seven languages of a usual study, a correlation is a hint what to vary on purpose, not a cause.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from clt.statistics.analyses.languages.facts import closest
from clt.statistics.analyses.languages.improvements import LanguageImprovements, over_curves, over_tasks
from clt.statistics.analyses.languages.schema import CovariateEffect
from clt.statistics.inference.correlation import exchanges, ranks
from clt.statistics.inference.intervals import LEVEL, percentile_bounds
from clt.statistics.inference.multiplicity import holm
from clt.statistics.languages.distance import distances
from clt.statistics.languages.uriel import LEVELS, language
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.roles import Roles
from clt.statistics.values import Estimate, number, undefined
from clt.study import script

FEWEST = 5  # languages
TOO_FEW = "too few languages"
Array = np.ndarray
Covariate = Callable[[str, Roles], float | None]  # of a language, in curves with these roles; None: not known


def _from_english(kind: str) -> Covariate:
    return lambda code, roles: distances(code, roles.english).get(kind)


def _to_training(kind: str) -> Covariate:
    return lambda code, roles: closest(code, roles.trained).get(kind)


def _script_of_training(code: str, roles: Roles) -> float | None:
    """1 if another training language is usually written in the same script; Jpan and Hans are two scripts."""
    return float(any(script(code) == script(other) for other in roles.trained if other != code))


def _resource_level(code: str, roles: Roles) -> float | None:
    facts = language(code)
    return float(LEVELS.index(facts.resource_level)) if facts and facts.resource_level else None


# Fixed beforehand, and few: each further one costs all others power. Training languages are those besides English.
COVARIATES: Mapping[str, Covariate] = {
    "syntactic distance from English": _from_english("syntactic"),
    "genetic distance from English": _from_english("genetic"),
    "syntactic distance to the closest training language": _to_training("syntactic"),
    "genetic distance to the closest training language": _to_training("genetic"),
    "script of a training language": _script_of_training,
    "resource level": _resource_level,
}


def covariate_effects(curves: Sequence[CurveData]) -> list[CovariateEffect]:
    """The effect of every covariate for each study, set of training languages and task, and over all its tasks.

    The curves are of main metrics; those without n = 0 or without a larger n are passed over. Holm's correction is
    over the covariates of one study, set, task and group of languages.
    """
    sets: dict[tuple[str, str], dict[str, list[CurveData]]] = {}
    for data in curves:
        if data.baseline_index is not None and len(data.sample_sizes) > 1:
            key = data.identity["study"], data.identity["train_languages"]
            sets.setdefault(key, {}).setdefault(data.identity["task"], []).append(data)
    effects = []
    for (study, languages), tasks in sorted(sets.items()):
        improvements = {f"task {task}": over_curves(part) for task, part in sorted(tasks.items())}
        if len(improvements) > 1:
            improvements["all tasks"] = over_tasks(list(improvements.values()))
        for task, improved in improvements.items():
            scope = f"{task}, {improved.curves} curve{'s' if improved.curves != 1 else ''} trained on {languages}"
            for group, codes in _groups(improved):
                effects += _corrected(
                    [_effect(study, f"{scope}; {group}", name, improved, codes) for name in COVARIATES]
                )
    return effects


def _groups(improvements: LanguageImprovements) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Which languages are taken together, in words and by code."""
    trained = tuple(code for code in improvements.codes if code in improvements.roles.trained)
    held_out = tuple(code for code in improvements.codes if code not in trained)
    if trained and held_out and min(len(trained), len(held_out)) < FEWEST:
        yield "trained and held-out languages, given their role", improvements.codes
        return
    for group, codes in (("held-out languages", held_out), ("trained languages", trained)):
        if codes:
            yield group, codes


def _effect(
    study: str, scope: str, name: str, improvements: LanguageImprovements, group: tuple[str, ...]
) -> tuple[CovariateEffect, float]:
    """The effect before correction, and the smallest p that its languages allow."""
    improved = dict(zip(improvements.codes, improvements.value, strict=True))
    known = {code: COVARIATES[name](code, improvements.roles) for code in group if np.isfinite(improved[code])}
    codes = [code for code, value in known.items() if value is not None]
    x, y = (np.array([values[code] for code in codes], dtype=float) for values in (known, improved))
    role = tuple(int(code in improvements.roles.trained) for code in codes)
    estimate, p, least = undefined(f"{len(codes)} languages, {FEWEST} needed"), None, 1.0
    if len(codes) >= FEWEST:
        resamples = improvements.resamples
        where = [improvements.codes.index(code) for code in codes]
        estimate = _estimate(x, y, role, None if resamples is None else resamples[:, where], improvements.clusters)
        p, least = _permutation_p(x, y, role)
    answer = "undefined" if estimate.value is None else "not resolved"
    effect = CovariateEffect(
        study=study,
        scope=scope,
        covariate=name,
        measure=improvements.measure,
        languages=len(codes),
        correlation=estimate,
        p=p,
        corrected_p=None,
        correction="",
        answer=answer if len(codes) >= FEWEST else TOO_FEW,
    )
    return effect, least


def rank_correlations(x: Array, rows: Array, role: Sequence[int]) -> Array:
    """Spearman's correlation of x (languages,) with each row of `rows` (rows, languages), given the role.

    Each role's mean rank is taken off both; with one role this is the plain correlation. NaN where nothing is left.
    """
    same = np.equal.outer(role, role)
    off = np.eye(len(x)) - same / same.sum(axis=0)
    rx, ry = ranks(x[None]) @ off, ranks(rows) @ off
    lengths = np.sqrt((rx**2).sum() * (ry**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(lengths > 1e-9, (ry @ rx[0]) / lengths, np.nan)


def _permutation_p(x: Array, y: Array, role: tuple[int, ...]) -> tuple[float | None, float]:
    """Two-sided p from exchanging languages of the same role, and the p that the most extreme order would have.

    None where there are too few orders or the correlation is undefined.
    """
    orders, _, _ = exchanges(role)
    value = rank_correlations(x, y[None], role)[0]
    if orders is None or np.isnan(value):
        return None, 1.0
    permuted = np.abs(rank_correlations(x, y[orders], role))
    p, least = (float((permuted >= bound - 1e-9).mean()) for bound in (abs(value), permuted.max()))
    return number(p), least


def _estimate(x: Array, y: Array, role: Sequence[int], resamples: Array | None, clusters: int) -> Estimate:
    """The correlation with the items' interval; noise lowers a rank correlation, so its ends lean towards 0."""
    value = rank_correlations(x, y[None], role)
    if np.isnan(value[0]):
        return undefined(
            "the covariate or the improvement does not vary" + (" within a role" if len(set(role)) > 1 else "")
        )
    low = high = np.nan
    method = "none: only means over items"
    if resamples is not None:
        drawn = rank_correlations(x, resamples, role)
        ends = percentile_bounds(value, drawn[:, None], clusters)
        low, high = ends.low[0], ends.high[0]
        method = "percentile; items resampled, the languages as they are"
        if np.isnan(low):
            method = "none: undefined in too many resamples"
        elif high - low < 1e-9:  # without a width it would read as certainty
            often = "never" if np.nanmax(drawn) - np.nanmin(drawn) < 1e-9 else "hardly ever"
            low, high, method = np.nan, np.nan, f"none: the items {often} change the order"
    return Estimate(value=number(value[0]), low=number(low), high=number(high), method=method)


def _corrected(family: Sequence[tuple[CovariateEffect, float]]) -> list[CovariateEffect]:
    """Holm's correction; only what stands after it rises or falls.

    Where even the most extreme order would not stand as the first of the family, the languages are too few.
    """
    effects = [effect for effect, _ in family]
    tested = [position for position, effect in enumerate(effects) if effect.p is not None]
    for position, corrected in zip(
        tested, holm(np.array([effects[position].p for position in tested], dtype=float)), strict=True
    ):
        update: dict[str, object] = {
            "corrected_p": number(corrected),
            "correction": f"Holm over {len(tested)} covariates",
        }
        if corrected < 1 - LEVEL:
            update["answer"] = "rises" if (effects[position].correlation.value or 0.0) > 0 else "falls"
        effects[position] = effects[position].model_copy(update=update)
    for position, (_, least) in enumerate(family):
        if effects[position].answer == "not resolved" and (
            position not in tested or least * len(tested) > 1 - LEVEL - 1e-9
        ):
            effects[position] = effects[position].model_copy(update={"answer": TOO_FEW})
    return effects
