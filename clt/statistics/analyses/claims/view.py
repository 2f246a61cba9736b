"""What the tables reproduce and what they do not."""

from typing import Any

from clt.statistics.analyses.claims.schema import ClaimCheck, ClaimsPart
from clt.statistics.analyses.context import Context

VERDICTS = {True: ("✓", "reproduced"), False: ("✗", "not reproduced"), None: ("–", "not checkable")}


def view(part: ClaimsPart, context: Context) -> dict[str, Any] | None:
    checks = part.claims
    if not checks:
        return None
    holds = [claim.holds for claim in checks]
    return {
        "counts": [(mark, f"{holds.count(key)} {word}") for key, (mark, word) in VERDICTS.items() if key in holds],
        "rows": [
            {
                "claim": claim,
                "verdict": VERDICTS[claim.holds],
                "expected": _expected(claim),
                "found": _text(claim.found),
            }
            for claim in sorted(checks, key=lambda claim: (True, None, False).index(claim.holds), reverse=True)
        ],
    }


def _expected(claim: ClaimCheck) -> str:
    text = _text(claim.expected)
    return f"{text} ± {claim.tolerance:g}" if claim.tolerance and not isinstance(claim.expected, str) else text


def _text(value: float | str | None) -> str:
    if value is None:
        return "n/a"
    return value if isinstance(value, str) else f"{value:.4g}".replace("-", "−")
