"""The largest improvements over n = 0, of curves and of groups of them."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.gains.compute import group_gains
from clt.statistics.analyses.gains.figure import figures
from clt.statistics.analyses.gains.schema import GainsPart
from clt.statistics.analyses.gains.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(_: Inputs, earlier: Statistics) -> GainsPart:
    return GainsPart(gains_by_group=group_gains(earlier.curves))


GAINS = Analysis(
    part=GainsPart,
    compute=_compute,
    section=Section(
        name="gains",
        title="Gains of relative performance",
        needs="a curve with n = 0 and a defined R",
        view=view,
        template=HERE / "section.html",
        place=40,
    ),
    figures=figures,
    tables=lambda part, flattener: {"group_gains": flattener.flat(part.gains_by_group)},
)
