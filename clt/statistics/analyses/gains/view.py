"""How much relative performance gains: a forest plot, and the means of groups."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.gains.schema import GainsPart, GroupGain
from clt.statistics.rendering.formatting import Form, points, signed, words

SYMBOLS = {"relative": "R", "seen": "S", "unseen": "U"}


def view(part: GainsPart, context: Context) -> dict[str, Any] | None:
    if not context.figures:
        return None
    ((_, forest),) = context.figures
    curves = [curve for curve in context.statistics.curves if curve.main_metric and curve.gain.value is not None]
    fitted = sum(curve.gain.cross_fitted.value is not None for curve in curves)
    return {
        "forest": forest.inline(),
        "fitted": fitted,
        "raw": len(curves) - fitted,
        "groups": [
            {
                "one": group,
                "by": words(group.by),
                "group": words(group.group),
                "measure": SYMBOLS.get(group.measure, group.measure) if group.metric else "R over metrics",
                "unit": ", ".join(filter(None, ["points" if group.measure == "relative" else "", words(group.metric)])),
                "form": _form(group),
            }
            for group in part.gains_by_group
        ],
    }


def _form(group: GroupGain) -> Form:
    return points if group.measure == "relative" else signed(3)
