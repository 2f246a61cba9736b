"""The facts about every metric that the spec, the evaluation and the statistics must agree on."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricFacts:
    low: float  # smallest possible score of an item
    high: float | None  # largest possible score of an item; None where there is no bound
    higher_is_better: bool
    generates: bool  # True: scores generated text; False: scores the likelihood of the reference


METRICS: dict[str, MetricFacts] = {
    "math_answer": MetricFacts(low=0, high=1, higher_is_better=True, generates=True),
    "exact_match": MetricFacts(low=0, high=1, higher_is_better=True, generates=True),
    "rouge_l": MetricFacts(low=0, high=1, higher_is_better=True, generates=True),
    "language_fidelity": MetricFacts(low=0, high=1, higher_is_better=True, generates=True),
    "bits_per_byte": MetricFacts(low=0, high=None, higher_is_better=False, generates=False),
}
