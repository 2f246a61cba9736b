"""Under which conditions transfer is effective, and the rules that replicate."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.conditions.answer import how_much_is_enough
from clt.statistics.analyses.conditions.compute import find_conditions
from clt.statistics.analyses.conditions.schema import ConditionsPart
from clt.statistics.analyses.conditions.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, earlier: Statistics) -> ConditionsPart:
    return ConditionsPart(
        conditions=find_conditions(inputs.main_curves, earlier.curves, earlier.findings, earlier.response_curves)
    )


CONDITIONS = Analysis(
    part=ConditionsPart,
    compute=_compute,
    questions=(Question("How much data is enough?", how_much_is_enough, 20),),
    section=Section(
        name="conditions",
        title="Conditions for effective transfer",
        needs="a curve with n = 0",
        view=view,
        template=HERE / "section.html",
        place=60,
        methods=HERE / "methods.html",
    ),
    tables=lambda part, flattener: {
        "conditions": flattener.flat(part.conditions.combinations),
        "rules": flattener.flat(part.conditions.rules),
    },
)
