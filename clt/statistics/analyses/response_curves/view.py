"""What more rows buy: the fitted curves, and a table for U, S and English."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.response_curves.schema import ResponseCurve, ResponseCurvesPart
from clt.statistics.rendering.formatting import percent

GROUPS = (("unseen", "U, held-out languages"), ("seen", "S, trained languages"), ("english", "English"))


def view(part: ResponseCurvesPart, context: Context) -> dict[str, Any] | None:
    """The variables of the section; None without a curve."""
    if not part.response_curves:
        return None
    told = {
        (finding.curve, finding.question.removesuffix("_rise"))
        for finding in context.statistics.findings
        if finding.answer == "improved"
    }
    anchors = {f"response-{anchor}": curve for curve, anchor in context.names.anchors.items()}
    return {
        "figures": [(context.names.full(anchors[name]), drawing.inline()) for name, drawing in context.figures],
        "groups": [
            (title, [_row(response, context, told) for response in part.response_curves if response.group == group])
            for group, title in GROUPS
        ],
        "multiples": ("1x", "2x", "4x"),
    }


def _row(response: ResponseCurve, context: Context, told: set[tuple[str, str]]) -> dict[str, Any]:
    rises = response.group == "english" or (response.curve, response.group) in told
    named = "" if response.enough is None else f" at n = {response.enough}"
    return {
        "one": response,
        "answer": f"{response.answer}{named}" if rises else "no rise told from noise",
        "name": context.names.full(response.curve),
        "anchor": context.names.anchors[response.curve],
        "plain": context.plain(response.curve),
        "signed": context.signed(response.curve),
        "settled": _settled(response),
        "pays": "n/a" if response.doubling_pays is None else percent(response.doubling_pays),
    }


def _settled(response: ResponseCurve) -> str:
    """The n with 95% of the rise, with its interval, or why there is none."""
    settled = response.settled
    if settled.value is None:
        return settled.reason or ""
    ends = f" ({settled.low:.0f} to {settled.high:.0f})" if settled.low is not None and settled.high is not None else ""
    return f"{settled.value:.0f}{ends or ' (maybe beyond the grid)'}"
