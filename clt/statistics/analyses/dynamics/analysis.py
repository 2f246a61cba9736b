"""What happens over the checkpoints of training, and whether U lags S."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.dynamics.compute import dynamics, pooled_spearman
from clt.statistics.analyses.dynamics.figure import figures
from clt.statistics.analyses.dynamics.schema import DynamicsPart
from clt.statistics.analyses.dynamics.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> DynamicsPart:
    return DynamicsPart(dynamics=dynamics(inputs.table), dynamics_spearman=pooled_spearman(inputs.table))


DYNAMICS = Analysis(
    part=DynamicsPart,
    compute=_compute,
    section=Section(
        name="dynamics",
        title="Over the checkpoints of training",
        needs="scores of several checkpoints",
        view=view,
        template=HERE / "section.html",
        place=100,
        methods=HERE / "methods.html",
    ),
    figures=figures,
    tables=lambda part, flattener: {
        **flattener.part(part),
        "dynamics_points": flattener.nested(part.dynamics, "points"),
    },
)
