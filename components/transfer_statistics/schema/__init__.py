"""The contents of statistics.json, one file a part."""

from components.transfer_statistics.schema.claims import ClaimCheck
from components.transfer_statistics.schema.comparisons import Comparison
from components.transfer_statistics.schema.conditions import Condition, Conditions, Rule
from components.transfer_statistics.schema.curve import (
    Base,
    Change,
    Curve,
    Finding,
    Gain,
    Items,
    Partial,
    Plateau,
    Point,
    ScriptGroup,
    Spearman,
)
from components.transfer_statistics.schema.dynamics import Dynamics, DynamicsPoint, PooledSpearman
from components.transfer_statistics.schema.group_gains import GroupGain
from components.transfer_statistics.schema.languages import CovariateEffect, LanguageFacts
from components.transfer_statistics.schema.noise import Noise, Steps
from components.transfer_statistics.schema.outliers import Outlier
from components.transfer_statistics.schema.recommendation import Candidate, Recommendation
from components.transfer_statistics.schema.repeats import (
    BetweenRepeats,
    Repeat,
    RepeatedCurve,
    RepeatedPoint,
    RepeatedStudy,
)
from components.transfer_statistics.schema.statistics import MissingCell, Provenance, Statistics, schema_text
from components.transfer_statistics.schema.transfer_matrix import MatrixRow, TransferMatrix
from components.transfer_statistics.schema.values import At, Document, Estimate
from components.transfer_statistics.schema.variance import HeldOutFit, RandomEffect, Variance, VarianceTerm

__all__ = [
    "At",
    "Base",
    "BetweenRepeats",
    "Candidate",
    "Change",
    "ClaimCheck",
    "Comparison",
    "Condition",
    "Conditions",
    "CovariateEffect",
    "Curve",
    "Document",
    "Dynamics",
    "DynamicsPoint",
    "Estimate",
    "Finding",
    "Gain",
    "GroupGain",
    "HeldOutFit",
    "Items",
    "LanguageFacts",
    "MatrixRow",
    "MissingCell",
    "Noise",
    "Outlier",
    "Partial",
    "Plateau",
    "Point",
    "PooledSpearman",
    "Provenance",
    "RandomEffect",
    "Recommendation",
    "Repeat",
    "RepeatedCurve",
    "RepeatedPoint",
    "RepeatedStudy",
    "Rule",
    "ScriptGroup",
    "Spearman",
    "Statistics",
    "Steps",
    "TransferMatrix",
    "Variance",
    "VarianceTerm",
    "schema_text",
]
