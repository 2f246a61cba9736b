"""Documents as flat tables: one flattening for all of them.

A row is a document. An estimate `e` becomes the columns e, e_low, e_high, e_method, e_reason (and e_at); a list becomes
one text joined by +; lists of documents become tables of their own, with what their parent is in front. What belongs
to a curve has the curve's identity in front.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from clt.statistics.curve.schema import Curve
from clt.statistics.values import Document, Estimate

IDENTITY = ("study", "task", "metric", "model", "setting", "mixture", "train_languages")
Row = dict[str, object]


class Flattener:
    """Makes rows of documents; knows the curves that they belong to."""

    def __init__(self, curves: Iterable[Curve]) -> None:
        self._identities = {curve.id: identity_of(curve) for curve in curves}

    def flat(self, documents: Iterable[Document]) -> Iterator[Row]:
        """A row for every document."""
        for document in documents:
            yield self._identity(document) | flatten(document)

    def nested(self, documents: Iterable[Document], name: str) -> Iterator[Row]:
        """A row for every part of every document that the field `name` lists."""
        for parent in documents:
            for child in getattr(parent, name):
                yield self._identity(parent) | facts_of(parent) | flatten(child)

    def part(self, part: Document) -> dict[str, Iterable[Row]]:
        """A table for every list of an analysis' part."""
        values = {name: getattr(part, name) for name in type(part).model_fields}
        return {name: self.flat(value) for name, value in values.items() if isinstance(value, list)}

    def _identity(self, document: Document) -> Row:
        return self._identities.get(getattr(document, "curve", ""), {})


def identity_of(curve: Curve) -> Row:
    """What tells a curve from the others."""
    return {name: _text(getattr(curve, name)) for name in IDENTITY}


def flatten(document: Document, prefix: str = "") -> Row:
    """All fields of a document as columns, those of documents inside it by joined names."""
    row: Row = {}
    for name in type(document).model_fields:
        row |= _columns(f"{prefix}{name}", getattr(document, name))
    return row


def facts_of(document: Document) -> Row:
    """What a document is, without its estimates, its parts and what varies in length."""
    values = {name: getattr(document, name) for name in type(document).model_fields}
    return {
        name: _text(value)
        for name, value in values.items()
        if isinstance(value, str | int | float | bool)
        or value is None
        or (isinstance(value, list) and value and all(isinstance(entry, str | int) for entry in value))
    }


def same_columns(rows: Sequence[Row]) -> list[Row]:
    """The rows with the columns of all of them."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name) for name in columns} for row in rows]


def _columns(name: str, value: Any) -> Row:
    if isinstance(value, Estimate):
        return {name if part == "value" else f"{name}_{part}": content for part, content in flatten(value).items()}
    if isinstance(value, Document):
        return flatten(value, f"{name}_")
    if isinstance(value, Mapping):
        row: Row = {}
        for key, content in value.items():
            row |= _columns(f"{name}_{key}", content)
        return row
    if isinstance(value, list) and any(isinstance(entry, Document) for entry in value):
        return {}  # a table of its own
    return {name: _text(value)}


def _text(value: Any) -> object:
    return "+".join(str(entry) for entry in value) if isinstance(value, list) else value
