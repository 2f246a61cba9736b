"""The facts about every metric that the spec, the evaluation and the statistics must agree on."""

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """What a metric scores, and so what an evaluation has to compute for it."""

    GENERATED_TEXT = "generated_text"  # the text that the model writes after the prompt, held against the reference
    LIKELIHOOD = "likelihood"  # the model's probability of the reference after the prompt


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricFacts:
    low: float  # smallest possible score of an item
    high: float | None  # largest possible score of an item; None where there is no bound
    higher_is_better: bool
    kind: MetricKind


METRICS: dict[str, MetricFacts] = {
    "math_answer": MetricFacts(low=0, high=1, higher_is_better=True, kind=MetricKind.GENERATED_TEXT),
    "exact_match": MetricFacts(low=0, high=1, higher_is_better=True, kind=MetricKind.GENERATED_TEXT),
    "rouge_l": MetricFacts(low=0, high=1, higher_is_better=True, kind=MetricKind.GENERATED_TEXT),
    "language_fidelity": MetricFacts(low=0, high=1, higher_is_better=True, kind=MetricKind.GENERATED_TEXT),
    "bits_per_byte": MetricFacts(low=0, high=None, higher_is_better=False, kind=MetricKind.LIKELIHOOD),
}
