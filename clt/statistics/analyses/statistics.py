"""The type of statistics.json for those who read it: which field holds what."""

from typing import TYPE_CHECKING

from clt.statistics.values import Document

if TYPE_CHECKING:
    from clt.statistics.analyses.answer_rates.schema import AnswerRate, AnswerShift
    from clt.statistics.analyses.claims.schema import ClaimCheck
    from clt.statistics.analyses.comparisons.schema import Comparison
    from clt.statistics.analyses.conditions.schema import Conditions
    from clt.statistics.analyses.donors.schema import Allocation, Donors
    from clt.statistics.analyses.dynamics.schema import Dynamics, PooledSpearman
    from clt.statistics.analyses.findings.schema import Finding
    from clt.statistics.analyses.gains.schema import GroupGain
    from clt.statistics.analyses.glance.schema import Glance
    from clt.statistics.analyses.languages.schema import CovariateEffect, LanguageFacts
    from clt.statistics.analyses.noise.schema import Noise, Outlier, Steps
    from clt.statistics.analyses.recommendation.schema import Recommendation
    from clt.statistics.analyses.response_curves.schema import ResponseCurve
    from clt.statistics.analyses.transfer_matrix.schema import TransferMatrix
    from clt.statistics.analyses.variance.schema import Variance
    from clt.statistics.curve.schema import Base, Curve
    from clt.statistics.provenance import Provenance
    from clt.statistics.scores.table import MissingCell


class Statistics(Document):
    """The whole of statistics.json.

    Its fields are those of the analyses' parts: `document.document_model` adds them. They are declared here for type
    checkers and editors alone, so that a field which others read has a type; a test holds both together.
    """

    if TYPE_CHECKING:
        title: str
        curves: list[Curve]
        bases: list[Base]
        findings: list[Finding]
        answer_rates: list[AnswerRate]
        answer_shifts: list[AnswerShift]
        gains_by_group: list[GroupGain]
        recommendations: list[Recommendation]
        donors: list[Donors]
        allocations: list[Allocation]
        glance: list[Glance]
        comparisons: list[Comparison]
        noise: list[Noise]
        steps: list[Steps]
        outliers: list[Outlier]
        variance: list[Variance]
        transfer_matrix: list[TransferMatrix]
        response_curves: list[ResponseCurve]
        conditions: Conditions
        dynamics: list[Dynamics]
        dynamics_spearman: list[PooledSpearman]
        languages: list[LanguageFacts]
        covariates: list[CovariateEffect]
        claims: list[ClaimCheck]
        missing_cells: list[MissingCell]
        provenance: Provenance
