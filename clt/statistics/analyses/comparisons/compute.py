"""Curve against curve: settings, sizes, families, sets of training languages and designs of mixtures.

Two curves are compared if they differ in one thing. The points are not chosen: every n > 0 that both curves have goes
in with the same weight; n = 0 does not, where the mixtures are the same. Difference and interval: contrasts.py. An
answer stands only if it holds together with all others of the page (clt/statistics/family).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clt.planning import comparable_pairs
from clt.statistics.analyses.comparisons.schema import Comparison
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.schema import published
from clt.statistics.family import Family, Verdict, comparison_key, design_of, resolved
from clt.statistics.inference.contrasts import Term, contrast
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate

GROUPS = ("english", "trained", "held_out", "non_english")


@dataclass(frozen=True, slots=True)
class Pair:
    kind: str
    changed: str
    first: CurveData
    second: CurveData
    over: tuple[int, ...]


def compare(curves: Sequence[CurveData], family: Family, run_noise: RunNoise) -> list[Comparison]:
    """Every comparison that the curves allow, ordered by kind, task and curves; the curves are of main metrics."""
    every = [comparison for pair in pairs(curves) for comparison in _compared(pair, family, run_noise)]
    return sorted(every, key=lambda one: (one.kind, one.task, one.first, one.second))


def pairs(curves: Sequence[CurveData]) -> Iterator[Pair]:
    """Pairs of curves that differ in one thing and share an n > 0, by the rule of `comparable_pairs`."""
    for pair in comparable_pairs([design_of(data) for data in curves]):
        first, second = curves[pair.first], curves[pair.second]
        differs = "train_languages" if pair.differs == "languages" else pair.differs
        changed = _changed(first, second, differs, pair.sample_sizes)
        yield Pair(pair.kind, changed, first, second, pair.sample_sizes)


def _changed(first: CurveData, second: CurveData, differs: str, over: Sequence[int]) -> str:
    """What changes, in words; with the English rows if those change too."""
    text = f"{first.identity[differs]} to {second.identity[differs]}"
    ours, theirs = ([data.rows[data.sample_sizes.index(n)][0] for n in over] for data in (first, second))
    if None in ours + theirs or ours == theirs:
        return text
    if len({*ours}) > 1 or len({*theirs}) > 1:
        return f"{text}, with other English rows"
    return f"{text}, with {ours[0]:g} to {theirs[0]:g} English rows"


def _compared(pair: Pair, family: Family, run_noise: RunNoise) -> Iterator[Comparison]:
    """The comparison of each measure."""
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
        verdict = family.verdict(comparison_key(first, second, group))
        yield Comparison(
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
            verdict=verdict,
            answer=_answer(measured.estimate, verdict, higher_is_better=first.higher_is_better),
            items=measured.items,
            covers=str(measured.covers),
            per_language={code: contrasts[Measure(Kind.LANGUAGE, code)].estimate for code in codes},
        )


def _shared_groups(first: CurveData, second: CurveData) -> dict[str, tuple[str, ...]]:
    """Languages of each measure that both curves have, with the same role: an average over others is another one."""
    ours, theirs = first.roles.groups(), second.roles.groups()
    return {name: tuple(code for code in ours[name] if code in theirs[name]) for name in GROUPS}


def _answer(difference: Estimate, verdict: Verdict | None, *, higher_is_better: bool) -> str:
    if difference.value is None:
        return "undefined"
    if difference.low is None or verdict is None:
        return "no interval"
    if not resolved(verdict):
        return "not resolved"
    return "better" if (difference.value > 0) == higher_is_better else "worse"
