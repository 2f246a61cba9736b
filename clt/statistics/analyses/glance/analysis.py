"""The picture that answers before the text: what the mixture to train on changes in every language."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.glance.compute import glance_of
from clt.statistics.analyses.glance.figure import figures
from clt.statistics.analyses.glance.schema import GlancePart
from clt.statistics.analyses.glance.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, earlier: Statistics) -> GlancePart:
    found = glance_of(inputs.main_curves, earlier.recommendations, inputs.family, inputs.run_noise)
    return GlancePart(glance=found)


GLANCE = Analysis(
    part=GlancePart,
    compute=_compute,
    figures=figures,
    section=Section(
        name="glance",
        title="At a glance",
        needs="a curve with n = 0",
        view=view,
        template=HERE / "section.html",
        leads=True,
    ),
)
