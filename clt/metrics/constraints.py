"""How many of an item's checks an answer meets."""

import inspect
import json
from collections.abc import Mapping
from typing import Any

from clt.metrics.answers import TextAnswer
from clt.metrics.checks import CHECKS
from clt.metrics.metric import UNSCORED, metric

COLUMN = "constraints"


@metric()
def constraints(answer: TextAnswer) -> float:
    """Share of the item's checks that the text meets (0 to 1).

    The item's column `constraints` holds them, a JSON list such as [{"check": "words", "at_most": 50}, {"check":
    "no_comma"}]; `clt.metrics.checks` says what each does, in any script. An empty text meets no check.
    Zhou et al. 2023, Instruction-Following Evaluation for Large Language Models, arXiv 2311.07911, strict accuracy by
    instruction, of one item.
    Unreadable answer: 0 if it is empty. Empty reference: not used; an item without checks, or with one that is not
    known, is NaN, unscored. Missing language: as for language_fidelity, where it is checked. Tokenizer:
    `clt.metrics.text_units` counts words. Number separators: not used.
    """
    if constraint_problem(answer.row.get(COLUMN, "")):
        return UNSCORED
    if not answer.text.strip():
        return 0.0
    checks = json.loads(answer.row[COLUMN])
    return sum(CHECKS[check["check"]](answer, **_arguments(check)) for check in checks) / len(checks)


def constraint_problem(text: str) -> str | None:
    """What is wrong with a row's constraints, with what is allowed; None if they can be checked.

    Args:
        text: The row's column `constraints`.
    """
    try:
        checks = json.loads(text)
    except ValueError:
        checks = None
    if not isinstance(checks, list) or not checks or not all(isinstance(check, dict) for check in checks):
        return f'{COLUMN}: got {text[:80]!r}, expected a JSON list such as [{{"check": "words", "at_most": 50}}]'
    return next((problem for check in checks if (problem := _problem(check))), None)


def _problem(check: dict[str, Any]) -> str | None:
    name = check.get("check")
    if name not in CHECKS:
        return f"{COLUMN}: check: got {name!r}, expected one of {', '.join(CHECKS)}"
    known = dict(list(inspect.signature(CHECKS[name]).parameters.items())[1:])
    for key, value in _arguments(check).items():
        if key not in known:
            return f"{COLUMN}: {name}: got the argument {key!r}, expected {_listed(known)}"
        wanted = str if known[key].annotation is str else int
        if type(value) is not wanted:
            return f"{COLUMN}: {name}: {key}: got {value!r}, expected {'a text' if wanted is str else 'a whole number'}"
    missing = [key for key, each in known.items() if each.default is each.empty and key not in check]
    return f"{COLUMN}: {name}: expected the argument {missing[0]!r}" if missing else None


def _arguments(check: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in check.items() if key != "check"}


def _listed(known: Mapping[str, Any]) -> str:
    return f"one of {', '.join(known)}" if known else "none"
