"""Metrics: one small function each of one answer, in one table that needs no torch."""

from clt.metrics.answers import Answer, ChoiceAnswer, LikelihoodAnswer, TextAnswer
from clt.metrics.constraints import constraint_problem
from clt.metrics.metric import UNSCORED, Metric, MetricKind
from clt.metrics.numerals import read_number
from clt.metrics.registry import METRICS, has_answer, score_answers
from clt.metrics.stated_answer import stated_answer

__all__ = [
    "METRICS",
    "UNSCORED",
    "Answer",
    "ChoiceAnswer",
    "LikelihoodAnswer",
    "Metric",
    "MetricKind",
    "TextAnswer",
    "constraint_problem",
    "has_answer",
    "read_number",
    "score_answers",
    "stated_answer",
]
