"""Curves that differ in one thing, side by side: a row a pair, a column a measure."""

from itertools import groupby
from typing import Any

from clt.statistics.analyses.comparisons.schema import Comparison, ComparisonsPart
from clt.statistics.analyses.context import Context
from clt.statistics.rendering.formatting import many, samples, words

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
    comparisons = part.comparisons
    if not comparisons:
        return None
    kinds = [kind for kind in KINDS if any(comparison.kind == kind for comparison in comparisons)]
    return {
        "kinds": [
            _kind(context, kind, [comparison for comparison in comparisons if comparison.kind == kind])
            for kind in kinds
        ],
        "measures": MEASURES,
        "marks": ANSWERS,
    }


def _kind(context: Context, kind: str, comparisons: list[Comparison]) -> dict[str, Any]:
    ordered = sorted(comparisons, key=_pair)
    pairs = [list(group) for _, group in groupby(ordered, _pair)]
    unseen = [comparison.answer for comparison in comparisons if comparison.measure == "unseen"]
    return {
        "name": KINDS[kind],
        "counts": ", ".join(f"{unseen.count(name)} {name}" for name in ANSWERS if name in unseen),
        "rests_on": _rests_on(comparisons),
        "rows": [
            {
                "first": group[0],
                "task": words(group[0].task),
                "changed": words(group[0].changed),
                "what": _context(context, group[0]),
                "over": _over(group[0].over),
                "by_measure": {comparison.measure: comparison for comparison in group},
                "signed": context.digits.signed(group[0].task, group[0].metric),
                "plain": context.digits.plain(group[0].task, group[0].metric),
            }
            for group in pairs
        ],
    }


def _rests_on(comparisons: list[Comparison]) -> str:
    """How the p-values are corrected and what the intervals cover, where there are any."""
    contrasts = {comparison.verdict.contrasts for comparison in comparisons if comparison.verdict}
    corrections = ", ".join(f"Corrected over {many(count, 'contrast')} of the page (max-t)" for count in contrasts)
    covers = "; ".join(
        sorted({comparison.covers for comparison in comparisons if comparison.difference.low is not None})
    )
    parts = [corrections, f"Intervals cover: {covers}" if covers else "No comparison has an interval"]
    return ". ".join(filter(None, parts)) + "."


def _pair(comparison: Comparison) -> tuple[str, str, str, str]:
    return comparison.task, comparison.metric, comparison.first, comparison.second


def _context(context: Context, comparison: Comparison) -> str:
    """What both curves share, so that the row can be told from the others."""
    first, second = context.names.curves[comparison.first], context.names.curves[comparison.second]
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
