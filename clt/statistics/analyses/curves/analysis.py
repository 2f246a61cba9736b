"""Every curve: what was measured on it, its figures and its tables."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.curves.overview import figures
from clt.statistics.analyses.curves.schema import CurvesPart
from clt.statistics.analyses.curves.tables import tables
from clt.statistics.analyses.curves.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.curve.document import curve_document

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> CurvesPart:
    measured = zip(inputs.curves, inputs.estimates, strict=True)
    return CurvesPart(
        curves=[curve_document(data, estimates, main_metric=inputs.is_main(data)) for data, estimates in measured]
    )


CURVES = Analysis(
    part=CurvesPart,
    compute=_compute,
    section=Section(
        name="curves",
        title="Every curve",
        needs="trained points",
        view=view,
        template=HERE / "section.html",
        place=30,
    ),
    figures=figures,
    tables=tables,
)
