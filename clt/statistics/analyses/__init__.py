"""The questions that the statistics answer, a folder each: computation, schema, section of the page, figures, tables.

ANALYSES drives statistics.json, report.html and tables/. A new statistic is a folder and its entry here.
"""

from typing import Any

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.answer_rates.analysis import ANSWER_RATES
from clt.statistics.analyses.base_models.analysis import BASE_MODELS
from clt.statistics.analyses.claims.analysis import CLAIMS
from clt.statistics.analyses.comparisons.analysis import COMPARISONS
from clt.statistics.analyses.conditions.analysis import CONDITIONS
from clt.statistics.analyses.context import Context
from clt.statistics.analyses.curves.analysis import CURVES
from clt.statistics.analyses.donors.analysis import DONORS
from clt.statistics.analyses.dynamics.analysis import DYNAMICS
from clt.statistics.analyses.findings.analysis import FINDINGS
from clt.statistics.analyses.gains.analysis import GAINS
from clt.statistics.analyses.glance.analysis import GLANCE
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.languages.analysis import LANGUAGES
from clt.statistics.analyses.noise.analysis import NOISE
from clt.statistics.analyses.recommendation.analysis import RECOMMENDATION
from clt.statistics.analyses.response_curves.analysis import RESPONSE_CURVES
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.analyses.transfer_matrix.analysis import TRANSFER_MATRIX
from clt.statistics.analyses.variance.analysis import VARIANCE

# In the order of statistics.json, in which they are computed: each may read what stands before it.
ANALYSES: tuple[Analysis[Any], ...] = (
    CURVES,
    BASE_MODELS,
    FINDINGS,
    ANSWER_RATES,
    GAINS,
    RECOMMENDATION,
    DONORS,
    GLANCE,
    COMPARISONS,
    NOISE,
    VARIANCE,
    TRANSFER_MATRIX,
    RESPONSE_CURVES,
    CONDITIONS,
    DYNAMICS,
    LANGUAGES,
    CLAIMS,
)

__all__ = ["ANALYSES", "Analysis", "Context", "Inputs", "Question", "Section", "Statistics"]
