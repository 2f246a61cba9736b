"""Which training language moves which evaluation language, as far as the design tells."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.transfer_matrix.schema import TransferMatrix, TransferMatrixPart
from clt.statistics.rendering.formatting import words


def view(part: TransferMatrixPart, context: Context) -> dict[str, Any] | None:
    if not part.transfer_matrix:
        return None
    joint: dict[str, list[str]] = {}
    for matrix in part.transfer_matrix:
        if not matrix.is_drawn:
            joint.setdefault(matrix.statement, []).append(_name(matrix))
    drawn = [matrix for matrix in part.transfer_matrix if matrix.is_drawn]
    return {
        "shown": [
            {
                "one": matrix,
                "name": _name(matrix),
                "figure": drawing.inline(natural=True),
                "signed": context.digits.signed(matrix.task, matrix.metric),
                "plain": context.digits.plain(matrix.task, matrix.metric),
            }
            for matrix, (_, drawing) in zip(drawn, context.figures, strict=True)
        ],
        "joint": list(joint.items()),
    }


def _name(matrix: TransferMatrix) -> str:
    return f"{words(matrix.task)} · {matrix.model} · {words(matrix.setting)}"
