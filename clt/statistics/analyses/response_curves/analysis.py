"""Response curves: what the next rows buy, and how much is enough."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.response_curves.compute import response_curves
from clt.statistics.analyses.response_curves.figure import figures
from clt.statistics.analyses.response_curves.schema import ResponseCurvesPart
from clt.statistics.analyses.response_curves.tables import tables
from clt.statistics.analyses.response_curves.view import view
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, earlier: Statistics) -> ResponseCurvesPart:
    documents = {curve.id: curve for curve in earlier.curves}
    return ResponseCurvesPart(response_curves=list(response_curves(inputs, documents)))


RESPONSE_CURVES = Analysis(
    part=ResponseCurvesPart,
    compute=_compute,
    section=Section(
        name="response",
        title="What more rows buy",
        needs="trained points",
        view=view,
        template=HERE / "section.html",
        place=55,
        methods=HERE / "methods.html",
    ),
    figures=figures,
    tables=tables,
)
