"""How answers came about: what tells better answers from answers that end, or keep to the language."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.answer_rates.answer import not_better_answers
from clt.statistics.analyses.answer_rates.compute import by_curve, rates_of, shifts_of
from clt.statistics.analyses.answer_rates.schema import AnswerRatesPart
from clt.statistics.analyses.answer_rates.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, earlier: Statistics) -> AnswerRatesPart:
    frames = by_curve(inputs.table.answers)
    curves = [curve for curve in earlier.curves if curve.main_metric]
    rates = {curve.id: list(rates_of(curve, frames)) for curve in curves}
    return AnswerRatesPart(
        answer_rates=[rate for found in rates.values() for rate in found],
        answer_shifts=[shift for curve in curves for shift in shifts_of(curve, rates[curve.id])],
    )


ANSWER_RATES = Analysis(
    part=AnswerRatesPart,
    compute=_compute,
    questions=(Question("Are answers better, or only given, and in the right language?", not_better_answers, 15),),
    section=Section(
        name="answer-rates",
        title="How answers came about",
        needs="evaluations of a store that keep why answers ended",
        view=view,
        template=HERE / "section.html",
        place=35,
        methods=HERE / "methods.html",
    ),
)
