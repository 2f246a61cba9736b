"""Curve against curve: settings, sizes, families, sets of training languages and designs of mixtures.

Two curves are compared if they differ in one thing. The points are not chosen: every n > 0 that both curves have goes
in with the same weight; n = 0 does not, where the mixtures are the same. Difference and test: contrasts.py. The
p-values of all comparisons of one kind, over tasks, models and measures, are corrected together by Holm's step-down
method (Holm 1979, Scandinavian Journal of Statistics 6), which holds under any dependence: where no curves differ, at
most 5% of the reports name any difference of that kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from clt.planning import CurveDesign, comparable_pairs
from clt.statistics.analyses.comparisons.schema import Comparison
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.schema import published
from clt.statistics.inference.contrasts import Contrast, Term, contrast
from clt.statistics.inference.intervals import LEVEL
from clt.statistics.inference.multiplicity import holm
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData

GROUPS = ("english", "trained", "held_out", "non_english")


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
    """Pairs of curves that differ in one thing and share an n > 0, by the rule of `comparable_pairs`."""
    for pair in comparable_pairs([_design(data) for data in curves]):
        first, second = curves[pair.first], curves[pair.second]
        differs = "train_languages" if pair.differs == "languages" else pair.differs
        changed = _changed(first, second, differs, pair.sample_sizes)
        yield Pair(pair.kind, changed, first, second, pair.sample_sizes)


def _design(data: CurveData) -> CurveDesign:
    identity = data.identity
    return CurveDesign(
        name=data.id,
        task=identity["task"],
        metric=identity["metric"],
        english=data.roles.english,
        model=identity["model"],
        family=data.family or None,
        size=data.size or None,
        setting=identity["setting"],
        languages=tuple(identity["train_languages"].split("+"))[1:],
        mixture=identity["mixture"],
        rows=dict(zip(data.sample_sizes, data.rows, strict=True)),
    )


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
