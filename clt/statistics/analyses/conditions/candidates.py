"""What could be a rule: single factors and pairs of them, which units and languages can tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from clt.statistics.analyses.conditions.units import Units

Array = np.ndarray
BETWEEN = ("task", "model", "family")  # factors that tell units apart
LANGUAGE = ("script", "role")  # factors that tell the languages of a unit apart


@dataclass(frozen=True, slots=True)
class Third:
    """A level of the factor n: its highest or its lowest third."""

    bound: int  # samples per language, inside
    highest: bool

    def holds(self, n: int) -> bool:
        return n >= self.bound if self.highest else n <= self.bound

    def __str__(self) -> str:
        return f"{self.bound} or {'more' if self.highest else 'fewer'}"


Level = str | Third
Factors = dict[str, Level]  # factor -> level; one or two


def candidates(units: Units) -> list[Factors]:
    """Every single factor and pair that the units can tell; of a factor with two levels one stands for both."""
    singles = list(_singles(units))
    pairs = [
        {**first, **second}
        for first, second in combinations(singles, 2)
        if set(first) != set(second) and not {"model", "family"} <= set(first) | set(second)
    ]
    return [*singles, *pairs]


def levels_of(units: Units, factor: str) -> Sequence[Level]:
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
    chosen, names = of_languages(units, factor)
    return names if 0 < chosen.sum() < len(chosen) else []


def cells(units: Units, candidate: Factors) -> tuple[int, int]:
    """Values that the candidate covers, and those that it is compared with; changes from n = 0."""
    chosen = units if "setting" not in candidate else units.taken(np.isfinite(units.other).all(axis=(1, 2)))
    covered = np.ones(len(chosen.values), dtype=bool)
    for factor in BETWEEN:
        if factor in candidate:
            covered &= of_units(chosen, factor) == candidate[factor]
    languages = np.ones(len(chosen.languages), dtype=bool)
    for factor in LANGUAGE:
        if factor in candidate:
            is_first, names = of_languages(chosen, factor)
            languages &= is_first if candidate[factor] == names[0] else ~is_first
    sample_sizes = chosen.other_sample_sizes if "setting" in candidate else chosen.sample_sizes
    points = len(sample_sizes)
    third = candidate.get("n")
    inside = sum(third.holds(n) for n in sample_sizes) if isinstance(third, Third) else points
    total = len(covered) * points * len(languages) * (2 if "setting" in candidate else 1)
    values_inside = int(covered.sum()) * inside * int(languages.sum())
    return values_inside, total - values_inside


def opposite(units: Units, candidate: Factors) -> Factors | None:
    """The same candidate named by the other level of one of its factors, which turns the sign; None without one."""
    for factor in reversed(candidate):
        names = levels_of(units, factor)
        if len(names) == 2 and factor != "n":
            return {**candidate, factor: names[1 - names.index(candidate[factor])]}
    return None


def _singles(units: Units) -> Iterator[Factors]:
    for factor in ("task", "model", "family", "setting", "script", "role", "n"):
        names = levels_of(units, factor)
        if factor == "family" and (len(names) < 2 or "" in names or _is_finer(units, names)):
            continue
        if len(names) < 2:
            continue
        for name in names[:1] if len(names) == 2 and factor != "n" else names:
            yield {factor: name}


def _is_finer(units: Units, families: Sequence[Level]) -> bool:
    """Whether every family is one model: then family and model are the same factor."""
    return len(set(units.models)) == len(families)


def of_units(units: Units, factor: str) -> Array:
    return np.array({"task": units.tasks, "model": units.models, "family": units.families}[factor], dtype=object)


def of_languages(units: Units, factor: str) -> tuple[Array, list[str]]:
    """Which languages have the factor's first level, and both levels."""
    if factor == "script":
        return ~units.non_latin, ["Latin", "non-Latin"]
    return ~units.trained, ["held out", "trained"]


def _thirds(units: Units) -> Iterator[Third]:
    """The highest and the lowest third of n."""
    size = len(units.sample_sizes) // 3
    if size:
        yield Third(units.sample_sizes[-size], highest=True)
        yield Third(units.sample_sizes[size - 1], highest=False)


def restricted(units: Units, *, task: str = "", model: str = "") -> Units:
    """The units without one task or model."""
    keep = np.array([t != task and m != model for t, m in zip(units.tasks, units.models, strict=True)])
    return units.taken(keep)
