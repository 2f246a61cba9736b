"""Scores far from what their curve leads to expect, and the noise between runs that differ in nothing but chance."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.noise.answer import steps_inside
from clt.statistics.analyses.noise.schema import Noise, NoisePart
from clt.statistics.rendering.formatting import Form, percent, words

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


def _form(context: Context, noise: Noise) -> Form:
    return percent if noise.measure == "relative" else context.digits.plain(noise.task, noise.metric)
