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
from components.transfer_statistics.schema.recommendation import Candidate, Recommendation
from components.transfer_statistics.schema.statistics import MissingCell, Provenance, Statistics, schema_text
from components.transfer_statistics.schema.transfer_matrix import MatrixRow, TransferMatrix
from components.transfer_statistics.schema.values import At, Document, Estimate

__all__ = [
    "At",
    "Base",
    "Candidate",
    "Change",
    "Comparison",
    "Curve",
    "Document",
    "Estimate",
    "Finding",
    "Gain",
    "Items",
    "MatrixRow",
    "MissingCell",
    "Noise",
    "Plateau",
    "Point",
    "Provenance",
    "Recommendation",
    "ScriptGroup",
    "Spearman",
    "Statistics",
    "Steps",
    "TransferMatrix",
    "schema_text",
]
