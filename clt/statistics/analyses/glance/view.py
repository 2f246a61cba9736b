"""The maps of the first picture, and what each row's mixture is."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.glance.schema import Glance, GlancePart
from clt.statistics.rendering.formatting import words


def view(part: GlancePart, context: Context) -> dict[str, Any] | None:
    if not part.glance:
        return None
    tasks = sorted({(one.task, one.metric) for one in part.glance})
    return {
        "maps": [
            {
                "title": f"{words(task)} ({words(metric)})",
                "unit": "in points: 1/100 of the metric's range"
                if _has_range(part, task, metric)
                else "in its own unit",
                "figure": drawing.inline(natural=True),
                "rows": [_mixture(one) for one in part.glance if (one.task, one.metric) == (task, metric)],
            }
            for (task, metric), (_, drawing) in zip(tasks, context.figures, strict=True)
        ],
        "marked": sum(language.resolved for one in part.glance for language in one.languages),
        "shown": sum(language.change.value is not None for one in part.glance for language in one.languages),
    }


def _has_range(part: GlancePart, task: str, metric: str) -> bool:
    return any(one.range is not None for one in part.glance if (one.task, one.metric) == (task, metric))


def _mixture(one: Glance) -> str:
    named = f"{one.model}, {words(one.setting)}: {' '.join(one.train_languages)}, n = {one.samples_per_language}"
    return named if one.resolved else f"{named}; not told from English-only training"
