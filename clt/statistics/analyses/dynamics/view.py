"""What happened over the checkpoints of training, and whether U lags S."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.dynamics.schema import DynamicsPart, PooledSpearman
from clt.statistics.rendering.formatting import many, probability, words

ANSWERS = ("lags", "leads", "not resolved", "no interval", "undefined")


def view(part: DynamicsPart, context: Context) -> dict[str, Any] | None:
    found, pooled = part.dynamics, part.dynamics_spearman
    if not found and not pooled:
        return None
    answers = [one.answer for one in found]
    return {
        "said": (
            f"U against S in {many(len(found), 'trained point')}: "
            + ", ".join(f"{name} in {answers.count(name)}" for name in ANSWERS if name in answers)
            + "."
            if found
            else ""
        ),
        "shown": [
            {
                "one": one,
                "name": f"{context.names.full(one.curve)}, n = {one.samples_per_language}",
                "figure": drawing.inline(),
            }
            for one, (_, drawing) in zip(found, context.figures, strict=True)
        ],
        "pooled": [
            {
                "one": one,
                "task": words(one.task),
                "what": _what(one),
                "p": probability(one.spearman.p),
                "partial": one.spearman.partial,
            }
            for one in pooled
        ],
    }


def _what(one: PooledSpearman) -> str:
    return f"{one.model} · {words(one.setting)} · {' '.join(one.train_languages)} ({words(one.metric)})"
