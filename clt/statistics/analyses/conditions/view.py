"""Under which conditions transfer is effective: the rules that replicate, and every combination."""

from typing import Any

from clt.statistics.analyses.conditions.rule_text import replication, rule_effect, rule_sentence
from clt.statistics.analyses.conditions.schema import ConditionsPart
from clt.statistics.analyses.context import MARKS, Context


def view(part: ConditionsPart, context: Context) -> dict[str, Any] | None:
    found = part.conditions
    if not found.combinations and not found.rules and not found.statement:
        return None
    return {
        "conditions": found,
        "rules": [
            {
                "rule": rule,
                "text": rule_sentence(rule),
                "effect": rule_effect(rule),
                "replicated": replication(rule),
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
