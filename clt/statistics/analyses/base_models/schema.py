"""The untrained models, in statistics.json."""

from clt.statistics.curve.schema import Base
from clt.statistics.values import Document


class BaseModelsPart(Document):
    """The base models' part of statistics.json."""

    bases: list[Base]
