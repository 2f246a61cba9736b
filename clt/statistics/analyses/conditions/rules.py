"""Under which conditions transfer is effective: rules that hold beyond noise, and again where something is left out.

1. Candidates: single factors and pairs of them, on the change of every language from n = 0 (candidates.py).
2. Their p-values, with the (task, model) block as the unit, are corrected together (Benjamini and Hochberg 1995).
3. What remains has to keep its sign and half of its size when any model, task or language is left out, and in every
   seed by itself. A candidate that cannot be checked on at least two models, tasks or seeds is not listed.

The intervals hold for the test items of the study: items are not resampled here.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.analyses.conditions.candidates import (
    LANGUAGE,
    Factors,
    candidates,
    cells,
    levels_of,
    opposite,
    restricted,
)
from clt.statistics.analyses.conditions.effects import Effect, effect
from clt.statistics.analyses.conditions.schema import Rule
from clt.statistics.analyses.conditions.units import Units, single_runs
from clt.statistics.inference.intervals import LEVEL, t_factor
from clt.statistics.inference.multiplicity import benjamini_hochberg
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number

Array = np.ndarray
KEPT_SHARE = 0.5  # of the effect, in every fold
FEWEST_FOLDS = 2  # over models, tasks and seeds
NOT_TESTABLE = "too few blocks or languages to test"
NOT_SIGNIFICANT = "corrected p above 5%"
NOT_CHECKED = "cannot be checked on left-out models, tasks or seeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    rules: list[Rule]
    candidates: int
    rejected: dict[str, int]
    base: str  # what the search rests on, in words; why there was none


def find_rules(curves: Sequence[CurveData]) -> Search:
    """Search the curves of one study, of main metrics that have one direction; the largest effect first."""
    runs = single_runs(curves)
    if runs is None:
        return Search(rules=[], candidates=0, rejected={}, base="no curve has n = 0 and English scores above 0")
    return search(runs)


def search(runs: Units) -> Search:
    """Every rule that single runs, or the blocks that they make, support."""
    units = runs.blocks() if runs.has_enough_blocks or len(set(runs.runs)) < 2 else runs
    tried = candidates(units)
    effects = [effect(units, factors) for factors in tried]
    corrected = np.array([np.nan if factors is None else factors.p for factors in effects])
    tested = np.isfinite(corrected)
    corrected[tested] = benjamini_hochberg(corrected[tested])
    rejected: Counter[str] = Counter()
    rules = []
    for candidate, estimated, p in zip(tried, effects, corrected, strict=True):
        if estimated is None or not np.isfinite(p):
            rejected[NOT_TESTABLE] += 1
            continue
        if p > 1 - LEVEL:
            rejected[NOT_SIGNIFICANT] += 1
            continue
        held, reason = _replicated(units, runs, candidate, estimated.value)
        if reason:
            rejected[reason] += 1
            continue
        rules.append(_rule(units, candidate, estimated, float(p), int(tested.sum()), held))
    kind = "blocks of task and model" if units.runs[0] == "" else "runs"
    base = f"{units.design}: {len(units.values)} {kind}, {len(units.sample_sizes)} n, {len(units.languages)} languages"
    ranked = sorted(rules, key=lambda rule: (-abs(rule.effect.value or 0.0), rule.text))
    return Search(rules=ranked, candidates=len(tried), rejected=dict(sorted(rejected.items())), base=base)


def _replicated(units: Units, runs: Units, candidate: Factors, value: float) -> tuple[dict[str, str], str]:
    """In how many folds the effect holds, and why it is not a rule ("" if it is)."""
    folds: dict[str, list[bool]] = {}
    for name, fold in _folds(units, runs, candidate):
        in_fold = effect(fold, candidate)
        if in_fold is not None:
            folds.setdefault(name, []).append(in_fold.value * np.sign(value) >= KEPT_SHARE * abs(value))
    checked = sum(len(results) for name, results in folds.items() if name != "language")
    held = {name: f"{sum(results)} of {len(results)}" for name, results in folds.items()}
    failed = [name for name, results in folds.items() if not all(results)]
    if failed:
        return held, f"does not hold for every {' and '.join(failed)}"
    return held, NOT_CHECKED if checked < FEWEST_FOLDS else ""


def _folds(units: Units, runs: Units, candidate: Factors) -> Iterator[tuple[str, Units]]:
    """The units without a model, without a task, with one seed alone, and without a language."""
    for model in sorted(set(units.models)):
        yield "model", restricted(units, model=model)
    for task in sorted(set(units.tasks)):
        yield "task", restricted(units, task=task)
    if len(names := sorted(set(runs.runs))) > 1:
        for run in names:
            yield "seed", runs.taken(np.array([name == run for name in runs.runs]))
    if set(candidate) & set(LANGUAGE):
        for k in range(len(units.languages)):
            yield "language", units.without_language(k)


def _rule(units: Units, candidate: Factors, estimated: Effect, p: float, tested: int, held: dict[str, str]) -> Rule:
    turned = opposite(units, candidate) if estimated.value < 0 else None
    named, value = (candidate, estimated.value) if turned is None else (turned, -estimated.value)
    half = float(t_factor(estimated.df)) * estimated.error
    covered, others = cells(units, named)
    return Rule(
        text=_text(units, named, value),
        factors={factor: str(level) for factor, level in named.items()},
        measure="language",
        cells=covered,
        others=others,
        effect=Estimate(
            value=number(value),
            low=number(value - half),
            high=number(value + half),
            method=f"t, {estimated.df:.1f} degrees of freedom: {_unit_word(units)}"
            + (" and languages" if set(named) & set(LANGUAGE) else ""),
        ),
        unit=units.unit,
        p=number(estimated.p),
        corrected_p=number(p),
        correction=f"Benjamini-Hochberg over {tested} candidates",
        replicated=held,
    )


def _unit_word(units: Units) -> str:
    return "blocks of task and model" if units.runs[0] == "" else "runs"


def _text(units: Units, candidate: Factors, value: float) -> str:
    """The rule in a sentence."""
    size = f"{abs(value):.3g} {units.unit}"
    clauses = [_clause(factor, str(level)) for factor, level in candidate.items()]
    direction = "more" if value > 0 else "less"
    start = f"{' and '.join(clauses)}: languages other than English improve by {size} {direction}"
    if len(candidate) == 2:
        return f"{start} than the two conditions bring by themselves."
    ((factor, level),) = candidate.items()
    names = [str(name) for name in levels_of(units, factor) if name != level]
    return f"{start} than {_against(factor, names)}."


def _clause(factor: str, level: str) -> str:
    return {
        "task": f"task {level}",
        "model": f"model {level}",
        "family": f"family {level}",
        "setting": f"{level.replace('_', '-')} training",
        "script": f"{level} script",
        "role": f"{level} languages",
        "n": f"n of {level}",
    }[factor]


def _against(factor: str, names: list[str]) -> str:
    if factor == "n":
        return "at other n"
    return f"with {_clause(factor, names[0])}" if len(names) == 1 else f"with the other {factor}s"
