"""All curves, in statistics.json."""

from clt.statistics.curve.schema import Curve
from clt.statistics.values import Document


class CurvesPart(Document):
    """The curves' part of statistics.json."""

    curves: list[Curve]
