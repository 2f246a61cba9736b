"""Which training language moves which evaluation language, as far as the design tells."""

from typing import Any

from clt.statistics.rendering.views.context import Context
from clt.statistics.rendering.wording import words
from clt.statistics.schema import TransferMatrix


def view(context: Context) -> dict[str, Any] | None:
    found = context.statistics.transfer_matrix
    if not found:
        return None
    joint: dict[str, list[str]] = {}
    for k, one in enumerate(found):
        if k not in context.album.matrices:
            joint.setdefault(one.statement, []).append(_name(one))
    return {
        "shown": [
            {
                "one": found[k],
                "name": _name(found[k]),
                "figure": drawing.inline(natural=True),
                "signed": context.digits.signed(found[k].task, found[k].metric),
                "plain": context.digits.plain(found[k].task, found[k].metric),
            }
            for k, drawing in context.album.matrices.items()
        ],
        "joint": list(joint.items()),
    }


def _name(one: TransferMatrix) -> str:
    return f"{words(one.task)} · {one.model} · {words(one.setting)}"
