"""Under which conditions transfer is effective: the rules that replicate, and every combination."""

from typing import Any

from clt.statistics.analyses.conditions.rule_text import replication, rule_effect, rule_sentence
from clt.statistics.analyses.conditions.schema import ConditionsPart
from clt.statistics.analyses.context import MARKS, Context


def view(part: ConditionsPart, context: Context) -> dict[str, Any] | None:
    conditions = part.conditions
    if not conditions.combinations and not conditions.rules and not conditions.statement:
        return None
    return {
        "conditions": conditions,
        "rules": [
            {
                "rule": rule,
                "text": rule_sentence(rule),
                "effect": rule_effect(rule),
                "replicated": replication(rule),
            }
            for rule in conditions.rules
        ],
        "rejected": "; ".join(f"{count} {reason}" for reason, count in sorted(conditions.rejected.items())),
        "combinations": [
            {
                "one": combination,
                "name": context.names.full(combination.curve),
                "anchor": context.names.anchors[combination.curve],
                "signed": context.signed(combination.curve),
            }
            for combination in sorted(
                conditions.combinations,
                key=lambda combination: (combination.answer != "improved", combination.task, combination.curve),
            )
        ],
        "marks": MARKS,
    }
