"""What rules are found on: the changes of every language, as one array per unit of evidence.

Values of one curve share runs and items, so a curve counts once, however many n and languages it has: the unit is the
(task, model) block, the mean of its runs. Only where a study has too few blocks are single runs the units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from clt.statistics.analyses.conditions.schema import PERCENTAGE_POINTS_OF_R
from clt.statistics.curve.responses import has_one_scale, responses
from clt.statistics.scores.curve_data import CurveData
from clt.study import is_latin

Array = np.ndarray
FEWEST_DF = 2  # blocks beyond those that task and model effects need
DESIGN = ["setting", "mixture", "train_languages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The curves of one design. A unit is a block of runs or one run; runs[u] names the run, "" for a block.

    values (units, points, languages): n = 0 first; more is better; percent of English or the metric's unit.
    other: the same units in the other setting, on the points that both settings have; NaN where a unit has none.
    """

    unit: str  # of the values, in words
    tasks: tuple[str, ...]
    models: tuple[str, ...]
    families: tuple[str, ...]
    runs: tuple[str, ...]
    languages: tuple[str, ...]
    non_latin: Array  # (languages,) of bool
    trained: Array
    sample_sizes: tuple[int, ...]  # n > 0
    values: Array
    settings: tuple[str, ...]  # of values, and of other if there is one
    other_sample_sizes: tuple[int, ...]
    other: Array
    design: str  # in words

    def taken(self, chosen: Array) -> "Units":
        """The chosen units (units,) of bool."""

        def part(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name, kept in zip(names, chosen, strict=True) if kept)

        return replace(
            self,
            tasks=part(self.tasks),
            models=part(self.models),
            families=part(self.families),
            runs=part(self.runs),
            values=self.values[chosen],
            other=self.other[chosen],
        )

    def without_language(self, k: int) -> "Units":
        kept = np.arange(len(self.languages)) != k
        return replace(
            self,
            languages=tuple(code for index, code in enumerate(self.languages) if index != k),
            non_latin=self.non_latin[kept],
            trained=self.trained[kept],
            values=self.values[..., kept],
            other=self.other[..., kept],
        )

    def blocks(self) -> "Units":
        """The means over the runs of every block."""
        pairs = list(zip(self.tasks, self.models, strict=True))
        first = np.array([pairs.index(pair) == at for at, pair in enumerate(pairs)])
        members = [np.array([pair == pairs[at] for pair in pairs]) for at in np.flatnonzero(first)]
        return replace(
            self.taken(first),
            runs=("",) * len(members),
            values=np.stack([self.values[inside].mean(axis=0) for inside in members]),
            other=np.stack([self.other[inside].mean(axis=0) for inside in members]),
        )

    @property
    def has_enough_blocks(self) -> bool:
        pairs = set(zip(self.tasks, self.models, strict=True))
        return len(pairs) - len(set(self.tasks)) - len(set(self.models)) + 1 >= FEWEST_DF


def single_runs(curves: Sequence[CurveData]) -> Units | None:
    """Every run of one study's widest design (most tasks and models) as a unit; None without a change from n = 0.

    The curves are all of scores or all of losses: a ratio of losses is another quantity than one of scores. Kept are
    the n and the languages that all its curves have. A run whose English score is 0 somewhere is left out.
    """
    one_scale = has_one_scale(curves)
    column, unit = ("score", curves[0].identity["metric"]) if one_scale else ("relative", PERCENTAGE_POINTS_OF_R)
    frame = responses(curves)
    if not len(frame):
        return None
    higher_is_better = curves[0].higher_is_better
    assert all(data.higher_is_better == higher_is_better for data in curves), "the caller keeps scores and losses apart"
    frame["value"] = frame[column] * (1.0 if higher_is_better else -1.0) * (1.0 if one_scale else 100.0)
    designs = {tuple(str(name) for name in key): part for key, part in frame.groupby(DESIGN, sort=True)}
    widest = min(designs, key=lambda key: (-len(_pairs(designs[key])), -len(designs[key]), key))
    main = designs[widest]
    beside = [key for key in designs if key[0] != widest[0] and key[2] == widest[2]]
    other = designs[min(beside, key=lambda key: (key[1] != widest[1], key))] if beside else main.iloc[:0]
    codes = sorted(set.intersection(*(set(part["language"]) for _, part in main.groupby("curve"))))
    if len(other):
        codes = [code for code in codes if code in set(other["language"])] or codes
    arrays, sample_sizes = _arrays(main, codes)
    others, other_sizes = _arrays(other, codes)
    shared = tuple(n for n in sample_sizes if n in other_sizes)
    usable = {key: array for key, array in arrays.items() if np.isfinite(array).all()}
    if not usable or not sample_sizes:
        return None
    roles = main.drop_duplicates("language").set_index("language")["role"]
    family = main.drop_duplicates("model").set_index("model")["family"]
    places = [0, *(1 + other_sizes.index(n) for n in shared)]
    nothing = np.full((len(places), len(codes)), np.nan)
    return Units(
        unit=unit,
        tasks=tuple(key[0] for key in usable),
        models=tuple(key[1] for key in usable),
        families=tuple(str(family[key[1]]) for key in usable),
        runs=tuple(key[2] for key in usable),
        languages=tuple(codes),
        non_latin=np.array([not is_latin(code) for code in codes]),
        trained=np.array([roles[code] == "trained" for code in codes]),
        sample_sizes=sample_sizes,
        values=np.stack(list(usable.values())),
        settings=(widest[0], str(other["setting"].iloc[0])) if len(other) and shared else (widest[0],),
        other_sample_sizes=shared,
        other=np.stack([others[key][places] if key in others else nothing for key in usable]),
        design=f"{widest[0].replace('_', '-')} training on {widest[2]}{'' if higher_is_better else ', losses'}",
    )


def _pairs(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(frame["task"], frame["model"], strict=True))


def _arrays(frame: pd.DataFrame, codes: Sequence[str]) -> tuple[dict[tuple[str, str, str], Array], tuple[int, ...]]:
    """Values (points, languages) by task, model and run, with n = 0 first, and the n > 0 that all curves have."""
    if not len(frame):
        return {}, ()
    common = set.intersection(*(set(part["samples_per_language"]) for _, part in frame.groupby("curve")))
    if 0 not in common:
        return {}, ()
    sample_sizes = tuple(sorted(int(n) for n in common if n))
    arrays = {}
    for (task, model, run), part in frame.groupby(["task", "model", "run"], sort=True):
        table = part.pivot_table(index="samples_per_language", columns="language", values="value", dropna=False)
        arrays[str(task), str(model), str(run)] = table.reindex(index=[0, *sample_sizes], columns=list(codes)).to_numpy(
            dtype=float
        )
    return arrays, sample_sizes
