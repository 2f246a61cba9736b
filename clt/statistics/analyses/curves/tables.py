"""Points and gains of all curves as tables: every estimate is a row."""

from collections.abc import Iterable, Iterator

from clt.statistics.analyses.curves.schema import CurvesPart
from clt.statistics.curve.schema import Curve
from clt.statistics.flat_tables import Flattener, Row, flatten, identity_of
from clt.statistics.values import Document, Estimate


def tables(part: CurvesPart, _: Flattener) -> dict[str, Iterable[Row]]:
    """The tables `points` and `gains`."""
    return {"points": _points(part.curves), "gains": _gains(part.curves)}


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
                yield identity_of(curve) | place | about | flatten(estimate)


def _gains(curves: Iterable[Curve]) -> Iterator[Row]:
    for curve in curves:
        for measure, gain in {"relative": curve.gain, **curve.gains}.items():
            yield identity_of(curve) | {"measure": measure} | flatten(gain)


def _estimates(document: Document) -> Iterator[tuple[str, Estimate]]:
    for name in type(document).model_fields:
        value = getattr(document, name)
        if isinstance(value, Estimate):
            yield name, value
