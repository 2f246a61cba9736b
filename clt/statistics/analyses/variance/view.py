"""What the scores depend on: single factors, or their combination."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.variance.answer import within_tasks
from clt.statistics.analyses.variance.schema import VariancePart
from clt.statistics.rendering.formatting import words


def view(part: VariancePart, context: Context) -> dict[str, Any] | None:
    if not part.variance:
        return None
    return {
        "analyses": [
            {
                "one": analysis,
                "response": "R of each language" if analysis.response == "relative" else words(analysis.metric),
                "within": within_tasks(analysis, pooled="task" in analysis.factors) if analysis.within_tasks else "",
                "factors": "; ".join(f"{name}: {', '.join(levels)}" for name, levels in analysis.factors.items()),
                "figure": drawing.inline(),
            }
            for analysis, (_, drawing) in zip(part.variance, context.figures, strict=True)
        ]
    }
