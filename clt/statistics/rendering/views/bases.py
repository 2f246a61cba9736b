"""The untrained models."""

from typing import Any

from clt.statistics.rendering.views.context import Context
from clt.statistics.rendering.wording import words


def view(context: Context) -> dict[str, Any] | None:
    found = context.statistics.bases
    if not found:
        return None
    return {
        "languages": list(dict.fromkeys(code for base in found for code in base.per_language)),
        "rows": [
            {
                "base": base,
                "task": words(base.task),
                "metric": words(base.metric),
                "plain": context.digits.plain(base.task, base.metric),
            }
            for base in found
        ],
    }
