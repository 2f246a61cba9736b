"""What the scores depend on: sums of squares, cross-validated fits and variance components."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.analyses.variance.answer import what_factors_explain
from clt.statistics.analyses.variance.compute import variances
from clt.statistics.analyses.variance.figure import figures
from clt.statistics.analyses.variance.schema import VariancePart
from clt.statistics.analyses.variance.tables import tables
from clt.statistics.analyses.variance.view import view

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> VariancePart:
    return VariancePart(variance=variances(inputs.main_curves))


VARIANCE = Analysis(
    part=VariancePart,
    compute=_compute,
    questions=(Question("Can single factors explain it?", what_factors_explain, 50),),
    section=Section(
        name="variance",
        title="Single factors or their combination",
        needs="several factors with two levels each",
        view=view,
        template=HERE / "section.html",
        place=50,
        methods=HERE / "methods.html",
    ),
    figures=figures,
    tables=tables,
)
