"""Which training language moves which evaluation language, as far as the design tells."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.transfer_matrix.schema import TransferMatrix, TransferMatrixPart
from clt.statistics.rendering.formatting import words


def view(part: TransferMatrixPart, context: Context) -> dict[str, Any] | None:
    if not part.transfer_matrix:
        return None
    joint: dict[str, list[str]] = {}
    for one in part.transfer_matrix:
        if not one.is_drawn:
            joint.setdefault(one.statement, []).append(_name(one))
    drawn = [one for one in part.transfer_matrix if one.is_drawn]
    return {
        "shown": [
            {
                "one": one,
                "name": _name(one),
                "figure": drawing.inline(natural=True),
                "signed": context.digits.signed(one.task, one.metric),
                "plain": context.digits.plain(one.task, one.metric),
            }
            for one, (_, drawing) in zip(drawn, context.figures, strict=True)
        ],
        "joint": list(joint.items()),
    }


def _name(one: TransferMatrix) -> str:
    return f"{words(one.task)} · {one.model} · {words(one.setting)}"
