"""What the tables reproduce of a file of printed claims."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.claims.answer import which_claims_hold
from clt.statistics.analyses.claims.compute import check_claims
from clt.statistics.analyses.claims.schema import ClaimsPart
from clt.statistics.analyses.claims.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, earlier: Statistics) -> ClaimsPart:
    return ClaimsPart(claims=check_claims(earlier.model_copy(update={"claims": []}), inputs.claims))


CLAIMS = Analysis(
    part=ClaimsPart,
    compute=_compute,
    questions=(Question("Which printed claims hold?", which_claims_hold, 60),),
    section=Section(
        name="claims",
        title="What the tables reproduce and what they do not",
        needs="a file of claims",
        view=view,
        template=HERE / "section.html",
        place=80,
    ),
)
