"""What is known about the languages, and whether their gains go with it."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.languages.covariates import covariate_effects
from clt.statistics.analyses.languages.facts import language_facts
from clt.statistics.analyses.languages.schema import LanguagesPart
from clt.statistics.analyses.languages.view import view
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> LanguagesPart:
    return LanguagesPart(languages=language_facts(inputs.curves), covariates=covariate_effects(inputs.main_curves))


LANGUAGES = Analysis(
    part=LanguagesPart,
    compute=_compute,
    section=Section(
        name="languages",
        title="Languages",
        needs="facts about these languages",
        view=view,
        template=HERE / "section.html",
        place=120,
    ),
)
