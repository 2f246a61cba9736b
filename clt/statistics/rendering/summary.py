"""What a reader wants first, in plain language: sentences made from the findings, with their counts.

The page opens with them, and Kubeflow's run page shows the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clt.statistics.analyses import Statistics
from clt.statistics.analyses.claims.answer import which_claims_hold
from clt.statistics.analyses.conditions.answer import how_much_is_enough
from clt.statistics.analyses.findings.answer import what_english_paid, where_transfer_works
from clt.statistics.analyses.recommendation.answer import which_mixture
from clt.statistics.analyses.variance.answer import what_factors_explain
from clt.statistics.rendering.formatting import many

# A question, what answers it, and the section that shows more: chosen for readers, so not every analysis has one.
QUESTIONS: tuple[tuple[str, Callable[[Statistics], Iterator[str]], str], ...] = (
    ("Where does transfer work?", where_transfer_works, "findings"),
    ("How much data is enough?", how_much_is_enough, "conditions"),
    ("What did English pay?", what_english_paid, "findings"),
    ("Which mixture?", which_mixture, "recommendation"),
    ("Can single factors explain it?", what_factors_explain, "variance"),
    ("Which printed claims hold?", which_claims_hold, "claims"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, what the scores answer, and the section that shows it."""

    question: str
    sentences: list[str]
    section: str


def summarize(statistics: Statistics) -> list[Answer]:
    """The questions that the scores can say something about, in a reader's order."""
    answers = [Answer(question, list(answer(statistics)), section) for question, answer, section in QUESTIONS]
    return [answer for answer in answers if answer.sentences]


def counts(statistics: Statistics) -> str:
    """What went in, in a line."""
    curves = statistics.curves
    mains = sum(curve.main_metric for curve in curves)
    parts = [
        many(len(curves), "curve") + ("" if mains == len(curves) else f" ({mains} of main metrics)"),
        many(len({curve.model for curve in curves}), "model"),
        many(len({curve.task for curve in curves}), "task"),
        many(len({code for c in curves for code in (*c.train_languages, *c.held_out_languages)}), "language"),
        many(len({run for curve in curves for run in curve.runs}), "seed"),
    ]
    return ", ".join(parts) + "."
