"""The untrained models."""

from typing import Any

from clt.statistics.analyses.base_models.schema import BaseModelsPart
from clt.statistics.analyses.context import Context
from clt.statistics.rendering.formatting import words


def view(part: BaseModelsPart, context: Context) -> dict[str, Any] | None:
    if not part.bases:
        return None
    return {
        "languages": list(dict.fromkeys(code for base in part.bases for code in base.per_language)),
        "rows": [
            {
                "base": base,
                "task": words(base.task),
                "metric": words(base.metric),
                "plain": context.digits.plain(base.task, base.metric),
            }
            for base in part.bases
        ],
    }
