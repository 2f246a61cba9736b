"""What a reader wants first, in plain language: sentences made from the findings, with their counts.

The page opens with them, and Kubeflow's run page shows the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clt.statistics.analyses import ANALYSES, Analysis, Statistics
from clt.statistics.rendering.formatting import many

FIRST_SCREEN = 145  # words before the reader has asked for more, links not counted


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, what the scores answer, and the section that shows it."""

    question: str
    sentences: list[str]
    section: str


def summarize(statistics: Statistics, analyses: Iterable[Analysis[Any]] = ANALYSES) -> list[Answer]:
    """The questions that the scores can say something about, in a reader's order."""
    asked = [(question, analysis.section) for analysis in analyses for question in analysis.questions]
    asked.sort(key=lambda pair: pair[0].place)
    answers = [
        Answer(question.text, list(question.answer(statistics)), section.name if section else "")
        for question, section in asked
    ]
    return [answer for answer in answers if answer.sentences]


def first_words(answers: Iterable[Answer], most: int = FIRST_SCREEN) -> list[Answer]:
    """The first sentence of every question, in a reader's order, as long as all of them have so many words at most."""
    first: list[Answer] = []
    for answer in answers:
        words = len(f"{answer.question} {answer.sentences[0]}".split())
        if words <= most:
            first.append(Answer(answer.question, answer.sentences[:1], answer.section))
            most -= words
    return first


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
