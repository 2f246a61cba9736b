"""Curve against curve: settings, sizes, families, sets of training languages and designs of mixtures.

Two curves are compared if they differ in one thing. The points are not chosen: every n > 0 that both curves have goes
in with the same weight; n = 0 does not, where the mixtures are the same. Difference and test: contrasts.py. The
p-values of all comparisons of one kind, over tasks, models and measures, are corrected together by Holm's step-down
method (Holm 1979, Scandinavian Journal of Statistics 6), which holds under any dependence: where no curves differ, at
most 5% of the reports name any difference of that kind.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from clt.statistics.analyses.comparisons.schema import Comparison
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.schema import published
from clt.statistics.inference.contrasts import Contrast, Term, contrast
from clt.statistics.inference.intervals import LEVEL
from clt.statistics.inference.multiplicity import holm
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData

GROUPS = ("english", "trained", "held_out", "non_english")
SETTINGS = ("single_task", "multi_task")  # the order in which they are compared
SAME_SIZE = 1.5  # models whose parameters differ by less are of one size: 7B and 8B, not 7B and 13B


@dataclass(frozen=True, slots=True)
class Pair:
    kind: str
    changed: str
    first: CurveData
    second: CurveData
    over: tuple[int, ...]


def compare(curves: Sequence[CurveData], run_noise: RunNoise) -> list[Comparison]:
    """Every comparison that the curves allow, ordered by kind, task and curves; the curves are of main metrics."""
    every = [compared for pair in pairs(curves) for compared in _compared(pair, run_noise)]
    order = sorted(
        every, key=lambda compared: (compared[0].kind, compared[0].task, compared[0].first, compared[0].second)
    )
    kinds = dict.fromkeys(compared.kind for compared, _ in order)
    return [compared for kind in kinds for compared in _corrected([each for each in order if each[0].kind == kind])]


def pairs(curves: Sequence[CurveData]) -> Iterator[Pair]:
    """Pairs of curves of one task and metric that differ in one thing and share an n > 0.

    Curves may come from several studies. Models and settings are compared on the same rows of every language; sets of
    training languages on the same English rows (rows that are not known count as the same). Where both settings have
    a mixture of one name, it is compared with itself alone. Two curves that differ in nothing but the study are not
    compared.
    """
    mixtures = {(*_task_and_model(data), data.identity["setting"], data.identity["mixture"]) for data in curves}
    for first_curve, second_curve in combinations(curves, 2):
        if any(first_curve.identity[name] != second_curve.identity[name] for name in ("task", "metric")):
            continue
        if first_curve.roles.english != second_curve.roles.english:
            continue
        names = ("model", "setting", "train_languages")
        differ = [name for name in names if first_curve.identity[name] != second_curve.identity[name]]
        if not differ and first_curve.identity["mixture"] != second_curve.identity["mixture"]:
            differ = ["mixture"]
        if len(differ) != 1 or (differ == ["setting"] and _has_counterpart(first_curve, second_curve, mixtures)):
            continue
        first, second = _ordered(first_curve, second_curve)
        over = tuple(n for n in first.sample_sizes if n > 0 and _comparable(first, second, n, differ[0]))
        if over:
            yield Pair(_kind(first, second, differ[0]), _changed(first, second, differ[0], over), first, second, over)


def _task_and_model(data: CurveData) -> tuple[str, ...]:
    return tuple(data.identity[name] for name in ("task", "metric", "model", "train_languages"))


def _has_counterpart(first: CurveData, second: CurveData, mixtures: Collection[tuple[str, ...]]) -> bool:
    """Whether one of two curves of different mixtures has a curve of its own mixture in the other's setting."""
    if first.identity["mixture"] == second.identity["mixture"]:
        return False
    return any(
        (*_task_and_model(data), there.identity["setting"], data.identity["mixture"]) in mixtures
        for data, there in ((first, second), (second, first))
    )


def _ordered(first: CurveData, second: CurveData) -> tuple[CurveData, CurveData]:
    """Single task before multi-task, small before large, few training languages before many, then by name."""

    def rank(data: CurveData) -> tuple[object, ...]:
        setting, codes = data.identity["setting"], data.identity["train_languages"]
        return SETTINGS.index(setting), data.size or 0.0, data.identity["model"], codes.count("+"), codes, data.id

    return (first, second) if rank(first) <= rank(second) else (second, first)


def _comparable(first: CurveData, second: CurveData, n: int, differs: str) -> bool:
    """Whether both curves have n, and there differ in nothing else that is known."""
    if n not in second.sample_sizes:
        return False
    ours, theirs = (data.rows[data.sample_sizes.index(n)] for data in (first, second))
    needed = {"model": (0, 1), "setting": (0, 1), "train_languages": (0,)}.get(differs, ())
    return all(None in (ours[k], theirs[k]) or ours[k] == theirs[k] for k in needed)


def _kind(first: CurveData, second: CurveData, differs: str) -> str:
    """A pair of models is of one family or of one size; where it may be neither, only the model is named."""
    if differs != "model":
        return {"train_languages": "training_languages"}.get(differs, differs)
    known = bool(first.size and second.size)
    ratio = max(first.size, second.size) / min(first.size, second.size) if first.size and second.size else 1.0
    if not (first.family and second.family):
        return "model"
    if first.family == second.family:
        return "size" if known and ratio > 1 else "model"
    return "family" if known and ratio < SAME_SIZE else "model"


def _changed(first: CurveData, second: CurveData, differs: str, over: Sequence[int]) -> str:
    """What changes, in words; with the English rows if those change too."""
    text = f"{first.identity[differs]} to {second.identity[differs]}"
    ours, theirs = ([data.rows[data.sample_sizes.index(n)][0] for n in over] for data in (first, second))
    if None in ours + theirs or ours == theirs:
        return text
    if len({*ours}) > 1 or len({*theirs}) > 1:
        return f"{text}, with other English rows"
    return f"{text}, with {ours[0]:g} to {theirs[0]:g} English rows"


def _compared(pair: Pair, run_noise: RunNoise) -> Iterator[tuple[Comparison, Contrast]]:
    """The comparison of each measure, not yet corrected."""
    first, second = pair.first, pair.second
    groups = _shared_groups(first, second)
    means = {Measure(Kind.LEVEL, group): codes for group, codes in groups.items()}
    single = {Measure(Kind.LANGUAGE, code): (code,) for code in groups["english"] + groups["non_english"]}
    replicates = [
        [Term(first, first.point_index(n), -1.0), Term(second, second.point_index(n), 1.0)] for n in pair.over
    ]
    contrasts = contrast(replicates, means | single, run_noise)
    for group, codes in groups.items():
        if not codes:
            continue
        measured = contrasts[Measure(Kind.LEVEL, group)]
        comparison = Comparison(
            kind=pair.kind,
            study=", ".join(dict.fromkeys(data.identity["study"] for data in (first, second))),
            task=first.identity["task"],
            metric=first.identity["metric"],
            first=first.id,
            second=second.id,
            changed=pair.changed,
            over=list(pair.over),
            measure=published(group),
            languages=list(codes),
            difference=measured.estimate,
            p=measured.p,
            corrected_p=None,
            correction="",
            detectable=None,
            answer=_answer(measured, higher_is_better=first.higher_is_better),
            items=measured.items,
            covers=str(measured.covers),
            per_language={code: contrasts[Measure(Kind.LANGUAGE, code)].estimate for code in codes},
        )
        yield comparison, measured


def _shared_groups(first: CurveData, second: CurveData) -> dict[str, tuple[str, ...]]:
    """Languages of each measure that both curves have, with the same role: an average over others is another one."""
    ours, theirs = first.roles.groups(), second.roles.groups()
    return {name: tuple(code for code in ours[name] if code in theirs[name]) for name in GROUPS}


def _answer(measured: Contrast, *, higher_is_better: bool) -> str:
    if measured.estimate.value is None:
        return "undefined"
    if measured.error is None:
        return "no interval"
    return "better" if (measured.estimate.value > 0) == higher_is_better else "worse"


def _corrected(compared: Sequence[tuple[Comparison, Contrast]]) -> list[Comparison]:
    """Holm's correction of comparisons of one kind; an answer stands only if its corrected p does."""
    tested = [position for position, (comparison, _) in enumerate(compared) if comparison.p is not None]
    result = [comparison for comparison, _ in compared]
    corrected = holm(np.array([compared[position][0].p for position in tested], dtype=float))
    for position, p in zip(tested, corrected, strict=True):
        comparison, measured = compared[position]
        result[position] = comparison.model_copy(
            update={
                "corrected_p": float(f"{p:.4g}"),
                "correction": f"Holm over {len(tested)} comparisons",
                "detectable": measured.detectable(len(tested)),
                "answer": comparison.answer if p < 1 - LEVEL else "not resolved",
            }
        )
    return result
