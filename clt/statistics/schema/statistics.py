"""The whole of statistics.json, as pydantic models; statistics.schema.json is their JSON Schema.

A value that is not defined is null and names its reason; it is never 0 and never NaN. Shares go from 0 to 1. Scores
are in the metric's own unit. Only a gain of R is in percentage points, as the paper prints it.
"""

import json

from clt.statistics.schema.claims import ClaimCheck
from clt.statistics.schema.comparisons import Comparison
from clt.statistics.schema.conditions import Conditions
from clt.statistics.schema.curve import Base, Curve, Finding
from clt.statistics.schema.dynamics import Dynamics, PooledSpearman
from clt.statistics.schema.group_gains import GroupGain
from clt.statistics.schema.languages import CovariateEffect, LanguageFacts
from clt.statistics.schema.noise import Noise, Steps
from clt.statistics.schema.outliers import Outlier
from clt.statistics.schema.recommendation import Recommendation
from clt.statistics.schema.transfer_matrix import TransferMatrix
from clt.statistics.schema.values import Document
from clt.statistics.schema.variance import Variance


class MissingCell(Document):
    study: str
    cell: str
    state: str  # missing, running, failed or interrupted
    error: str | None


class Provenance(Document):
    """What the numbers were made from and with; the only part that may differ between two equal runs."""

    source: str
    input_checksum: str  # SHA-256 of the table's content, whatever the order of its rows
    inputs: dict[str, str]  # file or artifact -> SHA-256
    format: int
    code_version: str
    versions: dict[str, str]
    resamples: int
    level: float
    seeding: str
    environments: dict[str, int]  # environment -> cells
    mixed_environments: bool
    created: str


class Statistics(Document):
    title: str
    curves: list[Curve]
    bases: list[Base]
    findings: list[Finding]
    gains_by_group: list[GroupGain]
    recommendations: list[Recommendation]
    comparisons: list[Comparison]
    noise: list[Noise]
    steps: list[Steps]
    outliers: list[Outlier]
    variance: list[Variance]
    transfer_matrix: list[TransferMatrix]
    conditions: Conditions
    dynamics: list[Dynamics]
    dynamics_spearman: list[PooledSpearman]
    languages: list[LanguageFacts]
    covariates: list[CovariateEffect]
    claims: list[ClaimCheck]
    missing_cells: list[MissingCell]
    provenance: Provenance


def schema_text() -> str:
    """The JSON Schema of statistics.json; statistics.schema.json holds this text, and a test compares them."""
    schema = Statistics.model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "statistics.json"
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
