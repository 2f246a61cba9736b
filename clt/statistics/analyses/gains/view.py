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
                "one": one,
                "by": words(one.by),
                "group": words(one.group),
                "measure": SYMBOLS.get(one.measure, one.measure) if one.metric else "R over metrics",
                "unit": ", ".join(filter(None, ["points" if one.measure == "relative" else "", words(one.metric)])),
                "form": _form(one),
            }
            for one in part.gains_by_group
        ],
    }


def _form(one: GroupGain) -> Form:
    return points if one.measure == "relative" else signed(3)
