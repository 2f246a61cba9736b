"""Scores far from what their curve leads to expect, and the noise between runs that differ in nothing but chance."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.noise.answer import steps_inside
from clt.statistics.analyses.noise.schema import Noise, NoisePart
from clt.statistics.rendering.formatting import Form, many, percent, words

MEASURES = {"english": "English", "non_english": "A", "relative": "R", "language": "one language"}


def view(part: NoisePart, context: Context) -> dict[str, Any] | None:
    outliers, noise, steps = part.outliers, part.noise, part.steps
    if not outliers and not noise and not steps:
        return None
    return {
        "outliers": [
            {
                "one": document,
                "name": context.names.full(document.curve),
                "anchor": context.names.anchors[document.curve],
                "plain": context.plain(document.curve),
            }
            for document in sorted(outliers, key=lambda document: -abs(document.deviation))
        ],
        "rules": sorted({document.rule.rstrip(".") for document in outliers}),
        "noise": [
            {
                "one": document,
                "task": words(document.task),
                "metric": words(document.metric),
                "measure": MEASURES.get(document.measure, document.measure),
                "plain": _form(context, document),
            }
            for document in noise
        ],
        "said": steps_inside(context.statistics),
        "repeats": _repeats(context),
        "steps": [
            {
                "one": document,
                "name": context.names.full(document.curve),
                "anchor": context.names.anchors[document.curve],
                "plain": context.plain(document.curve),
            }
            for document in steps
        ],
    }


def _repeats(context: Context) -> str:
    """What repeats of one seed say of the noise; empty where no seed was repeated."""
    repeated = [curve for curve in context.statistics.curves if curve.repeated_seeds]
    if not repeated:
        return ""
    equal = sum(all(seed.different == 1 for seed in curve.repeated_seeds) for curve in repeated)
    told = f" In {many(equal, 'curve')} they have the same scores everywhere: nothing was redrawn." if equal else ""
    return f"Repeats of one seed count as one run, their mean ({many(len(repeated), 'curve')}).{told}"


def _form(context: Context, noise: Noise) -> Form:
    return percent if noise.measure == "relative" else context.digits.plain(noise.task, noise.metric)
