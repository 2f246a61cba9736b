"""Under which conditions transfer is effective: the rules that replicate, and every combination."""

from typing import Any

from components.transfer_statistics.rendering.views.context import MARKS, Context
from components.transfer_statistics.rendering.wording import points, signed, with_interval


def view(context: Context) -> dict[str, Any] | None:
    found = context.statistics.conditions
    if not found.combinations and not found.rules and not found.statement:
        return None
    return {
        "conditions": found,
        "rules": [
            {
                "rule": rule,
                "effect": with_interval(rule.effect, points if rule.unit == "percentage points" else signed(3)),
                "replicated": "; ".join(f"{what} left out: {how}" for what, how in sorted(rule.replicated.items())),
            }
            for rule in found.rules
        ],
        "rejected": "; ".join(f"{count} {reason}" for reason, count in sorted(found.rejected.items())),
        "combinations": [
            {
                "one": one,
                "name": context.names.full(one.curve),
                "anchor": context.names.anchors[one.curve],
                "signed": context.signed(one.curve),
            }
            for one in sorted(found.combinations, key=lambda one: (one.answer != "improved", one.task, one.curve))
        ],
        "marks": MARKS,
    }
