"""All metrics by name, in the order of the documentation, and how answers are scored by them."""

from collections.abc import Sequence

from clt.metrics.answers import Answer, TextAnswer
from clt.metrics.bits_per_byte import bits_per_byte
from clt.metrics.choice_accuracy import choice_accuracy, choice_accuracy_bytes
from clt.metrics.chrf import chrf
from clt.metrics.command_match import command_match
from clt.metrics.constraints import constraints
from clt.metrics.exact_match import exact_match
from clt.metrics.judge import judge
from clt.metrics.language_fidelity import language_fidelity, line_fidelity, word_fidelity
from clt.metrics.math_answer import math_answer, math_answer_last
from clt.metrics.metric import Metric
from clt.metrics.rouge_l import rouge_l

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        math_answer,
        math_answer_last,
        exact_match,
        command_match,
        rouge_l,
        chrf,
        language_fidelity,
        line_fidelity,
        word_fidelity,
        constraints,
        judge,
        bits_per_byte,
        choice_accuracy,
        choice_accuracy_bytes,
    )
}


def score_answers(name: str, answers: Sequence[Answer]) -> list[float]:
    """The scores of a metric, one an answer, in their order; NaN: unscored.

    Args:
        name: One of METRICS that is not judged.
        answers: Of the metric's kind; codes of languages are canonical.
    """
    score = METRICS[name].score
    assert score is not None, f"{name} is scored by an endpoint"
    return [score(answer) for answer in answers]


def has_answer(name: str, answer: TextAnswer) -> bool | None:
    """Whether a text holds an answer that the metric can read; None: the metric has no such notion."""
    reads = METRICS[name].reads
    return reads(answer) is not None if reads else None
