"""A file of printed claims: YAML, `claims:` and a list of what Claim names. Its expressions are those of `lookup`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, NonNegativeFloat

from clt.statistics.analyses.claims.lookup import Place, faults
from clt.statistics.values import Document
from clt.study import load_document


class Claim(Document):
    claim: str  # in words
    source: str  # where it is printed, and from which tables the scores come
    value: dict[str, Any]  # an expression of `lookup`
    expected: float | str  # as printed; text for an answer
    tolerance: NonNegativeFloat | None = None  # half a unit of the last printed digit; 0 for counts; none for text
    note: str = ""  # what a reader should know beside the numbers


class Claims(Document):
    claims: tuple[Claim, ...] = Field(min_length=1)


def read_claims(path: str | Path, statistics: type[BaseModel]) -> tuple[Claim, ...]:
    """The claims of a file.

    Args:
        path: The YAML file.
        statistics: The model of statistics.json (`document.Statistics`), in which the claims' values are looked up.

    Raises:
        StudyError: With file, line and field, for whatever cannot be looked up.
    """
    return load_document(path, Claims, lambda document: list(_problems(document, statistics))).claims


def _problems(document: Claims, statistics: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    for index, claim in enumerate(document.claims):
        place: Place = ("claims", index)
        yield from faults(claim.value, (*place, "value"), statistics)
        if isinstance(claim.expected, str) != (claim.tolerance is None):
            yield (
                (*place, "tolerance"),
                f"is {'missing' if claim.tolerance is None else 'set'} while `expected` is {claim.expected!r}, "
                "expected it for numbers alone: half a unit of the last printed digit, or 0 for a count",
            )
