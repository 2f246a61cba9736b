"""What makes a function of one answer a metric: the facts that the study file, evaluation and statistics agree on."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from clt.metrics.answers import Answer, TextAnswer

UNSCORED = math.nan  # the item cannot be scored: the fault of its data, or there is no right answer

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


class MetricKind(StrEnum):
    """What a metric scores, and so what an evaluation has to compute for it."""

    GENERATED_TEXT = "generated_text"  # the text that the model writes after the prompt: a TextAnswer
    LIKELIHOOD = "likelihood"  # the model's probability of the reference after the prompt: a LikelihoodAnswer
    CHOICES = "choices"  # the model's probability of each choice after the prompt: a ChoiceAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    name: str
    meaning: str  # one line about an item's score, for docs/study.md
    description: str = ""  # the whole docstring
    kind: MetricKind = MetricKind.GENERATED_TEXT
    low: float = 0  # smallest possible score of an item
    high: float | None = 1  # largest possible score of an item; None where there is no bound
    higher_is_better: bool = True
    version: int = 1  # raised by hand when the metric scores the same answers otherwise: they are scored again
    judged: bool = False  # scored by a model behind an endpoint: there is no function
    score: Callable[[Any], float] | None = None  # of one answer of its kind; NaN: unscored
    reads: Callable[[TextAnswer], str | None] | None = None  # what it takes for the answer; None: the whole text


def metric(
    kind: MetricKind = MetricKind.GENERATED_TEXT,
    *,
    low: float = 0,
    high: float | None = 1,
    higher_is_better: bool = True,
    version: int = 1,
    reads: Callable[[TextAnswer], str | None] | None = None,
) -> Callable[[Callable[[AnyAnswer], float]], Metric]:
    """Make a metric of a function of one answer: its name is the function's, its meaning the docstring's first line.

    Args:
        kind: What the function gets: a TextAnswer, a LikelihoodAnswer or a ChoiceAnswer.
        low: Smallest possible score.
        high: Largest possible score; None if there is no bound.
        higher_is_better: The direction.
        version: Raised when the same answers are scored otherwise than before.
        reads: What of a text it takes for the answer (None: nothing in it), where that is not the whole text.
    """

    def make(score: Callable[[AnyAnswer], float]) -> Metric:
        description = inspect.getdoc(score) or ""
        return Metric(
            name=score.__name__,
            meaning=description.partition("\n")[0].removesuffix("."),
            description=description,
            kind=kind,
            low=low,
            high=high,
            higher_is_better=higher_is_better,
            version=version,
            score=score,
            reads=reads,
        )

    return make
