"""The contents of statistics.json, one file a part."""

from components.transfer_statistics.schema.comparisons import Comparison
from components.transfer_statistics.schema.curve import (
    Base,
    Change,
    Curve,
    Finding,
    Gain,
    Items,
    Plateau,
    Point,
    ScriptGroup,
    Spearman,
)
from components.transfer_statistics.schema.noise import Noise, Steps
from components.transfer_statistics.schema.statistics import MissingCell, Provenance, Statistics, schema_text
from components.transfer_statistics.schema.values import At, Document, Estimate

__all__ = [
    "At",
    "Base",
    "Change",
    "Comparison",
    "Curve",
    "Document",
    "Estimate",
    "Finding",
    "Gain",
    "Items",
    "MissingCell",
    "Noise",
    "Plateau",
    "Point",
    "Provenance",
    "ScriptGroup",
    "Spearman",
    "Statistics",
    "Steps",
    "schema_text",
]
