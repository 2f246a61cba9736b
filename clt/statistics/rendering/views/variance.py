"""What the scores depend on: single factors, or their combination."""

from typing import Any

from clt.statistics.rendering.views.context import Context
from clt.statistics.rendering.wording import words


def view(context: Context) -> dict[str, Any] | None:
    found = context.statistics.variance
    if not found:
        return None
    return {
        "analyses": [
            {
                "one": one,
                "response": "R of each language" if one.response == "relative" else words(one.metric),
                "factors": "; ".join(f"{name}: {', '.join(levels)}" for name, levels in one.factors.items()),
                "figure": drawing.inline(),
            }
            for one, drawing in zip(found, context.album.variance, strict=True)
        ]
    }
