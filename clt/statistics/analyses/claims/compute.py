"""Printed claims held against the statistics: which of them the scores reproduce."""

from collections.abc import Sequence

import yaml

from clt.statistics.analyses.claims.claim import Claim
from clt.statistics.analyses.claims.lookup import look_up
from clt.statistics.analyses.claims.schema import ClaimCheck
from clt.statistics.analyses.statistics import Statistics

ROUNDING = 1e-9  # of the difference of two decimal numbers


def check_claims(statistics: Statistics, claims: Sequence[Claim]) -> list[ClaimCheck]:
    """Every claim with what the statistics give: first what holds, then what does not, then what cannot be checked.

    A number holds if it is within its tolerance of the printed one, a text if it is equal.
    """
    checks = [_check(statistics, claim) for claim in claims]
    return [check for holds in (True, False, None) for check in checks if check.holds is holds]


def _check(statistics: Statistics, claim: Claim) -> ClaimCheck:
    looked_up = look_up(statistics, claim.value)
    holds, note = None, looked_up.note
    if isinstance(claim.expected, str) and looked_up.value is not None:
        holds = looked_up.value == claim.expected
    elif isinstance(looked_up.value, str):
        note = "the value found is text, and a number was expected"
    elif looked_up.value is not None and not isinstance(claim.expected, str):
        holds = abs(looked_up.value - claim.expected) <= (claim.tolerance or 0.0) + ROUNDING
    return ClaimCheck(
        claim=claim.claim,
        source=claim.source,
        value=yaml.safe_dump(claim.value, default_flow_style=True, sort_keys=False, width=10_000).strip(),
        expected=claim.expected,
        tolerance=claim.tolerance or 0.0,
        found=looked_up.value,
        holds=holds,
        note="; ".join(part for part in (claim.note, note) if part),
    )
