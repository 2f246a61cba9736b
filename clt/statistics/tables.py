"""The parts of statistics.json as flat tables: one flattening for all documents.

A row is a document. An estimate `e` becomes the columns e, e_low, e_high, e_method, e_reason (and e_at); a list becomes
one text joined by +; lists of documents become tables of their own, with what their parent is in front. What belongs
to a curve has the curve's identity in front. In points, gains and the transfer matrix every estimate is a row instead.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from clt.statistics.schema import Curve, Document, Estimate, Statistics

IDENTITY = ("study", "task", "metric", "model", "setting", "mixture", "train_languages")
Row = dict[str, object]


def tables(statistics: Statistics) -> dict[str, list[Row]]:
    """Name to rows; every row of a table has the same columns. Tables without rows are left out."""
    s, identities = statistics, {curve.id: _identity(curve) for curve in statistics.curves}

    def flat(documents: Iterable[Document]) -> Iterator[Row]:
        for one in documents:
            yield identities.get(getattr(one, "curve", ""), {}) | _flatten(one)

    def nested(documents: Iterable[Document], name: str) -> Iterator[Row]:
        for parent in documents:
            for child in getattr(parent, name):
                yield identities.get(getattr(parent, "curve", ""), {}) | _plain(parent) | _flatten(child)

    found: dict[str, Iterable[Row]] = {
        "points": _points(s.curves),
        "gains": _gains(s.curves),
        "findings": flat(s.findings),
        "group_gains": flat(s.gains_by_group),
        "conditions": flat(s.conditions.combinations),
        "rules": flat(s.conditions.rules),
        "recommendations": flat(s.recommendations),
        "comparisons": flat(s.comparisons),
        "noise": flat(s.noise),
        "steps": flat(s.steps),
        "outliers": flat(s.outliers),
        "variance": nested(s.variance, "terms"),
        "variance_held_out": nested(s.variance, "held_out"),
        "random_effects": nested(s.variance, "random_effects"),
        "dynamics": flat(s.dynamics),
        "dynamics_points": nested(s.dynamics, "points"),
        "dynamics_spearman": flat(s.dynamics_spearman),
        "transfer_matrix": (
            _plain(matrix) | {"train_languages": "+".join(row.train_languages), "language": code} | _flatten(effect)
            for matrix in s.transfer_matrix
            for row in matrix.rows
            for code, effect in row.effects.items()
        ),
        "languages": flat(s.languages),
        "covariates": flat(s.covariates),
        "claims": flat(s.claims),
        "missing_cells": flat(s.missing_cells),
    }
    return {name: filled for name, rows in found.items() if (filled := _same_columns(list(rows)))}


def _identity(curve: Curve) -> Row:
    return {name: _text(getattr(curve, name)) for name in IDENTITY}


def _points(curves: Iterable[Curve]) -> Iterator[Row]:
    """A row for every estimate of every point; `language` is empty for means over languages."""
    for curve in curves:
        for point in ([curve.base] if curve.base else []) + curve.points:
            place = {"samples_per_language": point.samples_per_language, "data_ratio": point.data_ratio}
            values = [(measure, "", estimate) for measure, estimate in _estimates(point)]
            values += [
                (f"change_{measure}", "", e) for measure, e in (_estimates(point.change) if point.change else ())
            ]
            values += [("score", code, estimate) for code, estimate in point.per_language.items()]
            for measure, language, estimate in values:
                exposure = point.exposure.get(language, "")
                about = {"measure": measure, "language": language, "exposure": exposure}
                yield _identity(curve) | place | about | _flatten(estimate)


def _gains(curves: Iterable[Curve]) -> Iterator[Row]:
    for curve in curves:
        for measure, gain in {"relative": curve.gain, **curve.gains}.items():
            yield _identity(curve) | {"measure": measure} | _flatten(gain)


def _estimates(document: Document) -> Iterator[tuple[str, Estimate]]:
    for name in type(document).model_fields:
        value = getattr(document, name)
        if isinstance(value, Estimate):
            yield name, value


def _flatten(document: Document, prefix: str = "") -> Row:
    row: Row = {}
    for name in type(document).model_fields:
        row |= _columns(f"{prefix}{name}", getattr(document, name))
    return row


def _columns(name: str, value: Any) -> Row:
    if isinstance(value, Estimate):
        return {name if part == "value" else f"{name}_{part}": content for part, content in _flatten(value).items()}
    if isinstance(value, Document):
        return _flatten(value, f"{name}_")
    if isinstance(value, Mapping):
        row: Row = {}
        for key, content in value.items():
            row |= _columns(f"{name}_{key}", content)
        return row
    if isinstance(value, list) and any(isinstance(one, Document) for one in value):
        return {}  # a table of its own
    return {name: _text(value)}


def _plain(document: Document) -> Row:
    """What a document is, without its estimates, its parts and what varies in length."""
    values = {name: getattr(document, name) for name in type(document).model_fields}
    return {
        name: _text(value)
        for name, value in values.items()
        if isinstance(value, str | int | float | bool)
        or value is None
        or (isinstance(value, list) and value and all(isinstance(one, str | int) for one in value))
    }


def _text(value: Any) -> object:
    return "+".join(str(one) for one in value) if isinstance(value, list) else value


def _same_columns(rows: Sequence[Row]) -> list[Row]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name) for name in columns} for row in rows]
