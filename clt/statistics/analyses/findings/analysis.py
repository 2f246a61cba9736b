"""What transferred: one answer a question and curve, from n = 0 to the largest n."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.findings.answer import what_english_paid, where_transfer_works
from clt.statistics.analyses.findings.compute import findings_of
from clt.statistics.analyses.findings.schema import FindingsPart
from clt.statistics.analyses.findings.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, earlier: Statistics) -> FindingsPart:
    main = [curve for curve in earlier.curves if curve.main_metric]
    return FindingsPart(findings=[finding for curve in main for finding in findings_of(curve, inputs.family)])


FINDINGS = Analysis(
    part=FindingsPart,
    compute=_compute,
    questions=(
        Question("Where does transfer work?", where_transfer_works, 10),
        Question("What did English pay?", what_english_paid, 30),
    ),
    section=Section(
        name="findings",
        title="What transferred, curve by curve",
        needs="trained points",
        view=view,
        template=HERE / "section.html",
        place=10,
    ),
)
