"""The contents of statistics.json, one file a part."""

from clt.statistics.schema.claims import ClaimCheck
from clt.statistics.schema.comparisons import Comparison
from clt.statistics.schema.conditions import Condition, Conditions, Rule
from clt.statistics.schema.curve import (
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
from clt.statistics.schema.dynamics import Dynamics, DynamicsPoint, PooledSpearman
from clt.statistics.schema.group_gains import GroupGain
from clt.statistics.schema.languages import CovariateEffect, LanguageFacts
from clt.statistics.schema.noise import Noise, Steps
from clt.statistics.schema.outliers import Outlier
from clt.statistics.schema.recommendation import Candidate, Recommendation
from clt.statistics.schema.repeats import BetweenRepeats, Repeat, RepeatedCurve, RepeatedPoint, RepeatedStudy
from clt.statistics.schema.statistics import MissingCell, Provenance, Statistics, schema_text
from clt.statistics.schema.transfer_matrix import MatrixRow, TransferMatrix
from clt.statistics.schema.values import At, Document, Estimate
from clt.statistics.schema.variance import HeldOutFit, RandomEffect, Variance, VarianceTerm

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
