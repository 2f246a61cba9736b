"""Which mixture to train on."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.recommendation.answer import which_mixture
from clt.statistics.analyses.recommendation.compute import recommend
from clt.statistics.analyses.recommendation.schema import RecommendationsPart
from clt.statistics.analyses.recommendation.view import view
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> RecommendationsPart:
    found = recommend(inputs.competitions, inputs.family, inputs.run_noise, inputs.request.budget)
    return RecommendationsPart(recommendations=found)


RECOMMENDATION = Analysis(
    part=RecommendationsPart,
    compute=_compute,
    questions=(Question("Which mixture?", which_mixture, 40),),
    section=Section(
        name="recommendation",
        title="Which mixture to train on",
        needs="a curve with n = 0",
        view=view,
        template=HERE / "section.html",
        place=20,
    ),
)
