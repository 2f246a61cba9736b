"""Scores far from what their curve leads to expect, and the noise between runs that differ in nothing but chance."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.noise.answer import steps_inside
from clt.statistics.analyses.noise.schema import Noise, NoisePart
from clt.statistics.rendering.formatting import Form, percent, words

MEASURES = {"english": "English", "non_english": "A", "relative": "R", "language": "one language"}


def view(part: NoisePart, context: Context) -> dict[str, Any] | None:
    found, noise, steps = part.outliers, part.noise, part.steps
    if not found and not noise and not steps:
        return None
    return {
        "outliers": [
            {
                "one": one,
                "name": context.names.full(one.curve),
                "anchor": context.names.anchors[one.curve],
                "plain": context.plain(one.curve),
            }
            for one in sorted(found, key=lambda one: -abs(one.deviation))
        ],
        "rules": sorted({one.rule.rstrip(".") for one in found}),
        "noise": [
            {
                "one": one,
                "task": words(one.task),
                "metric": words(one.metric),
                "measure": MEASURES.get(one.measure, one.measure),
                "plain": _form(context, one),
            }
            for one in noise
        ],
        "said": steps_inside(context.statistics),
        "steps": [
            {
                "one": one,
                "name": context.names.full(one.curve),
                "anchor": context.names.anchors[one.curve],
                "plain": context.plain(one.curve),
            }
            for one in steps
        ],
    }


def _form(context: Context, one: Noise) -> Form:
    return percent if one.measure == "relative" else context.digits.plain(one.task, one.metric)
