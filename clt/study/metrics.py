"""The facts about every metric that the spec, the evaluation and the statistics must agree on."""

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """What a metric scores, and so what an evaluation has to compute for it."""

    GENERATED_TEXT = "generated_text"  # the text that the model writes after the prompt, held against the reference
    LIKELIHOOD = "likelihood"  # the model's probability of the reference after the prompt


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricFacts:
    meaning: str  # of an item's score, for docs/study.md
    low: float = 0  # smallest possible score of an item
    high: float | None = 1  # largest possible score of an item; None where there is no bound
    higher_is_better: bool = True
    kind: MetricKind = MetricKind.GENERATED_TEXT
    version: int = 1  # raised by hand when the metric scores the same answers otherwise: they are scored again


METRICS: dict[str, MetricFacts] = {
    "math_answer": MetricFacts(
        meaning="1 if the final number is the reference's: any script's digits, separators by language",
    ),
    "exact_match": MetricFacts(
        meaning="1 if the texts are equal after Unicode normalisation, case, white space and final punctuation",
    ),
    "rouge_l": MetricFacts(
        meaning="F-measure of the longest common subsequence of words, or of characters in scripts without spaces",
    ),
    "language_fidelity": MetricFacts(meaning="1 if the text is in the item's language"),
    "bits_per_byte": MetricFacts(
        high=None,
        higher_is_better=False,
        kind=MetricKind.LIKELIHOOD,
        meaning="bits of the reference per UTF-8 byte, given the prompt; lower is better",
    ),
}
