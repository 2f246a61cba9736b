"""Printed claims held against the statistics: a file of claims, and which of them the scores reproduce.

A claims file is YAML, `claims:` and a list of what Claim names. Its expressions are those of `lookup`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, NonNegativeFloat

from clt.statistics.evidence.lookup import Place, faults, look_up
from clt.statistics.schema import ClaimCheck, Statistics
from clt.statistics.schema.values import Document
from clt.study import load_document

ROUNDING = 1e-9  # of the difference of two decimal numbers


class Claim(Document):
    claim: str  # in words
    source: str  # where it is printed, and from which tables the scores come
    value: dict[str, Any]  # an expression of `lookup`
    expected: float | str  # as printed; text for an answer
    tolerance: NonNegativeFloat | None = None  # half a unit of the last printed digit; 0 for counts; none for text
    note: str = ""  # what a reader should know beside the numbers


class Claims(Document):
    claims: tuple[Claim, ...] = Field(min_length=1)


def read_claims(path: str | Path) -> tuple[Claim, ...]:
    """The claims of a file. Raises StudyError with file, line and field for whatever cannot be looked up."""
    return load_document(path, Claims, lambda document: list(_problems(document))).claims


def check_claims(statistics: Statistics, claims: Sequence[Claim]) -> list[ClaimCheck]:
    """Every claim with what the statistics give: first what holds, then what does not, then what cannot be checked.

    A number holds if it is within its tolerance of the printed one, a text if it is equal.
    """
    checks = [_check(statistics, claim) for claim in claims]
    return [check for holds in (True, False, None) for check in checks if check.holds is holds]


def _problems(document: Claims) -> Iterator[tuple[Place, str]]:
    for index, claim in enumerate(document.claims):
        place: Place = ("claims", index)
        yield from faults(claim.value, (*place, "value"))
        if isinstance(claim.expected, str) != (claim.tolerance is None):
            yield (
                (*place, "tolerance"),
                f"is {'missing' if claim.tolerance is None else 'set'} while `expected` is {claim.expected!r}, "
                "expected it for numbers alone: half a unit of the last printed digit, or 0 for a count",
            )


def _check(statistics: Statistics, claim: Claim) -> ClaimCheck:
    found = look_up(statistics, claim.value)
    holds, note = None, found.note
    if isinstance(claim.expected, str) and found.value is not None:
        holds = found.value == claim.expected
    elif isinstance(found.value, str):
        note = "the value found is text, and a number was expected"
    elif found.value is not None and not isinstance(claim.expected, str):
        holds = abs(found.value - claim.expected) <= (claim.tolerance or 0.0) + ROUNDING
    return ClaimCheck(
        claim=claim.claim,
        source=claim.source,
        value=yaml.safe_dump(claim.value, default_flow_style=True, sort_keys=False, width=10_000).strip(),
        expected=claim.expected,
        tolerance=claim.tolerance or 0.0,
        found=found.value,
        holds=holds,
        note="; ".join(part for part in (claim.note, note) if part),
    )
