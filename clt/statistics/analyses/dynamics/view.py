"""What happened over the checkpoints of training, and whether U lags S."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.dynamics.schema import DynamicsPart, PooledSpearman
from clt.statistics.rendering.formatting import many, probability, words

ANSWERS = ("lags", "leads", "not resolved", "no interval", "undefined")


def view(part: DynamicsPart, context: Context) -> dict[str, Any] | None:
    trajectories, pooled = part.dynamics, part.dynamics_spearman
    if not trajectories and not pooled:
        return None
    answers = [document.answer for document in trajectories]
    return {
        "said": (
            f"U against S in {many(len(trajectories), 'trained point')}: "
            + ", ".join(f"{name} in {answers.count(name)}" for name in ANSWERS if name in answers)
            + "."
            if trajectories
            else ""
        ),
        "shown": [
            {
                "one": document,
                "name": f"{context.names.full(document.curve)}, n = {document.samples_per_language}",
                "figure": drawing.inline(),
            }
            for document, (_, drawing) in zip(trajectories, context.figures, strict=True)
        ],
        "pooled": [
            {
                "one": document,
                "task": words(document.task),
                "what": _what(document),
                "p": probability(document.spearman.p),
                "partial": document.spearman.partial,
            }
            for document in pooled
        ],
    }


def _what(pooled: PooledSpearman) -> str:
    return f"{pooled.model} · {words(pooled.setting)} · {' '.join(pooled.train_languages)} ({words(pooled.metric)})"
