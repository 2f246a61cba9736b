"""Curve against curve: settings, sizes, families, sets of training languages and designs of mixtures.

Two curves are compared if they differ in one thing. The points are not chosen: every n > 0 that both curves have goes
in with the same weight. The p-values of all comparisons of one kind and measure are corrected together (Holm).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from components.transfer_statistics.curve.estimates import number
from components.transfer_statistics.curve.uncertainty import LEVEL
from components.transfer_statistics.evidence.contrasts import Contrast, Term, contrast
from components.transfer_statistics.evidence.repeats import Repeats
from components.transfer_statistics.schema import Comparison
from components.transfer_statistics.scores.curve_data import CurveData

MEASURES = ("english", "seen", "unseen", "non_english")
SETTINGS = ("single_task", "multi_task")  # the order in which they are compared


@dataclass(frozen=True, slots=True)
class Pair:
    kind: str
    changed: str
    first: CurveData
    second: CurveData
    over: tuple[int, ...]


def compare(curves: Sequence[CurveData], repeats: Repeats) -> list[Comparison]:
    """Every comparison that the curves allow, ordered by kind, task and curves; the curves are of main metrics."""
    found = [one for pair in pairs(curves) for one in _compared(pair, repeats)]
    return _corrected(sorted(found, key=lambda one: (one.kind, one.task, one.first, one.second)))


def pairs(curves: Sequence[CurveData]) -> Iterator[Pair]:
    """Pairs of curves of one study, task and metric that differ in one thing and share an n > 0."""
    for first, second in combinations(curves, 2):
        same = ("study", "task", "metric")
        if any(first.identity[name] != second.identity[name] for name in same):
            continue
        names = ("model", "setting", "train_languages")
        differ = [name for name in names if first.identity[name] != second.identity[name]]
        over = tuple(n for n in first.counts if n in second.counts and n > 0)
        if len(differ) > 1 or not over or first.roles.english != second.roles.english:
            continue
        a, b = _ordered(first, second)
        yield Pair(*_kind(a, b, differ), a, b, over)


def _ordered(first: CurveData, second: CurveData) -> tuple[CurveData, CurveData]:
    """Single task before multi-task, small before large, few training languages before many, then by name."""

    def rank(data: CurveData) -> tuple[object, ...]:
        setting, codes = data.identity["setting"], data.identity["train_languages"]
        return SETTINGS.index(setting), data.size or 0.0, data.identity["model"], codes.count("+"), codes, data.id

    return (first, second) if rank(first) <= rank(second) else (second, first)


def _kind(first: CurveData, second: CurveData, differ: list[str]) -> tuple[str, str]:
    what = differ[0] if differ else "mixture"
    changed = f"{first.identity[what]} to {second.identity[what]}"
    if what == "model":
        families = {first.family, second.family}
        what = "model" if "" in families else "size" if len(families) == 1 else "family"
    return {"train_languages": "training_languages"}.get(what, what), changed


def _compared(pair: Pair, repeats: Repeats) -> Iterator[Comparison]:
    first, second = pair.first, pair.second
    groups = _shared_groups(first, second)
    single = {f"language:{code}": (code,) for code in groups["english"] + groups["non_english"]}
    replicates = [[Term(first, first.place(n), -1.0), Term(second, second.place(n), 1.0)] for n in pair.over]
    found = contrast(replicates, groups | single, repeats)
    for measure in MEASURES:
        if not groups[measure]:
            continue
        one = found[measure]
        yield Comparison(
            kind=pair.kind,
            **{name: first.identity[name] for name in ("study", "task", "metric")},
            first=first.id,
            second=second.id,
            changed=pair.changed,
            over=list(pair.over),
            measure=measure,
            languages=list(groups[measure]),
            difference=one.estimate,
            p=one.p,
            corrected_p=None,
            correction="",
            detectable=one.detectable,
            answer=_answer(one, higher_is_better=first.higher_is_better),
            items=one.items,
            covers=_covers(first, second, one.estimate.method),
            per_language={code: found[f"language:{code}"].estimate for code in groups[measure]},
        )


def _shared_groups(first: CurveData, second: CurveData) -> dict[str, tuple[str, ...]]:
    """Languages of each measure that both curves have, with the same role: an average over others is another one."""
    ours, theirs = first.roles.groups(), second.roles.groups()
    return {name: tuple(code for code in ours[name] if code in theirs[name]) for name in MEASURES}


def _answer(one: Contrast, *, higher_is_better: bool) -> str:
    if one.estimate.value is None:
        return "undefined"
    if one.p is None:
        return "no interval"
    return "better" if (one.estimate.value > 0) == higher_is_better else "worse"


def _covers(first: CurveData, second: CurveData, method: str) -> str:
    if not (first.has_items and second.has_items):
        return "runs; not the items"
    return "items and runs" if method.endswith("runs") else "items; conditional on the seeds"


def _corrected(found: list[Comparison]) -> list[Comparison]:
    """Holm's correction within each kind and measure; an answer stands only if its corrected p does."""
    families: dict[tuple[str, str], list[int]] = {}
    for at, one in enumerate(found):
        if one.p is not None:
            families.setdefault((one.kind, one.measure), []).append(at)
    for family in families.values():
        largest = 0.0
        ordered = sorted(family, key=lambda at: (found[at].p or 0.0, at))
        for rank, at in enumerate(ordered):
            p = found[at].p
            assert p is not None, "only comparisons with a p-value are in a family"
            largest = max(largest, min(1.0, p * (len(ordered) - rank)))
            update: dict[str, object] = {
                "corrected_p": number(largest),
                "correction": f"Holm over {len(ordered)} comparisons",
            }
            if largest >= 1 - LEVEL:
                update["answer"] = "not resolved"
            found[at] = found[at].model_copy(update=update)
    return found
