"""Curves that differ in one thing, side by side: a row a pair, a column a measure."""

from itertools import groupby
from typing import Any

from clt.statistics.analyses.comparisons.schema import Comparison, ComparisonsPart
from clt.statistics.analyses.context import Context
from clt.statistics.rendering.formatting import samples, words

KINDS = {
    "setting": "Single-task against multi-task",
    "size": "Sizes of one family",
    "family": "Families",
    "model": "Models",
    "training_languages": "Training languages",
    "mixture": "Mixtures",
}
MEASURES = ("seen", "unseen", "non_english", "english")
ANSWERS = {"better": "▲", "worse": "▼", "not resolved": "○", "no interval": "·", "undefined": "–"}


def view(part: ComparisonsPart, context: Context) -> dict[str, Any] | None:
    found = part.comparisons
    if not found:
        return None
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in found)]
    return {
        "kinds": [_kind(context, kind, [one for one in found if one.kind == kind]) for kind in kinds],
        "measures": MEASURES,
        "marks": ANSWERS,
    }


def _kind(context: Context, kind: str, found: list[Comparison]) -> dict[str, Any]:
    ordered = sorted(found, key=_pair)
    pairs = [list(group) for _, group in groupby(ordered, _pair)]
    unseen = [one.answer for one in found if one.measure == "unseen"]
    return {
        "name": KINDS[kind],
        "counts": ", ".join(f"{unseen.count(name)} {name}" for name in ANSWERS if name in unseen),
        "rests_on": _rests_on(found),
        "rows": [
            {
                "first": group[0],
                "task": words(group[0].task),
                "changed": words(group[0].changed),
                "what": _context(context, group[0]),
                "over": _over(group[0].over),
                "by_measure": {one.measure: one for one in group},
                "signed": context.digits.signed(group[0].task, group[0].metric),
                "plain": context.digits.plain(group[0].task, group[0].metric),
            }
            for group in pairs
        ],
    }


def _rests_on(found: list[Comparison]) -> str:
    """How the p-values are corrected and what the intervals cover, where there are any."""
    corrections = ", ".join(sorted({one.correction for one in found if one.correction}))
    covers = "; ".join(sorted({one.covers for one in found if one.difference.low is not None}))
    parts = [corrections, f"Intervals cover: {covers}" if covers else "No comparison has an interval"]
    return ". ".join(filter(None, parts)) + "."


def _pair(one: Comparison) -> tuple[str, str, str, str]:
    return one.task, one.metric, one.first, one.second


def _context(context: Context, one: Comparison) -> str:
    """What both curves share, so that the row can be told from the others."""
    first, second = context.names.curves[one.first], context.names.curves[one.second]
    parts = [first.model if first.model == second.model else ""]
    parts += [words(first.setting) if first.setting == second.setting else ""]
    parts += [" ".join(first.train_languages) if first.train_languages == second.train_languages else ""]
    return " · ".join(part for part in parts if part)


def _over(counts: list[int]) -> str:
    if not counts:
        return "no n in common"
    if len(counts) == 1:
        return f"n = {samples(counts[0])}"
    return f"{len(counts)} n, {samples(counts[0])} to {samples(counts[-1])}"
