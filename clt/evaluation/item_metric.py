"""What all metrics of generated text have in common: `evaluate` modules that score every item by itself.

`compute(predictions=[str], references=[str], languages=[str])` returns {"score": mean, "scores": [one per item]}.
An item that cannot be scored (the reference's fault, or no such thing as a right answer) is NaN: it is in `scores`,
outside the mean, and counted by the evaluation step. `score` is NaN if no item can be scored.
"""

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from clt.study import canonical_or_same

UNSCORED = math.nan


class ItemMetric(evaluate.Metric, ABC):
    """Base of the modules in `metrics/`; abstract, so that `evaluate.load` passes it by and finds the metric itself."""

    @abstractmethod
    def score_items(
        self, predictions: Sequence[str], references: Sequence[str], languages: Sequence[str]
    ) -> list[float]:
        """One score an item, in the order of the items; NaN where an item cannot be scored."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=inspect.getdoc(inspect.getmodule(type(self))) or "",
            citation="",
            inputs_description="predictions, references, languages (their codes): lists of strings of one length",
            features=datasets.Features({"predictions": text, "references": text, "languages": text}),
        )

    def _compute(
        self, predictions: Sequence[str], references: Sequence[str], languages: Sequence[str]
    ) -> dict[str, Any]:
        # Called again and again in one process: a plain list is faster than the table's column.
        scores = self.score_items(list(predictions), list(references), list(map(canonical_or_same, languages)))
        scored = [score for score in scores if not math.isnan(score)]
        return {"score": math.fsum(scored) / len(scored) if scored else UNSCORED, "scores": scores}
