"""The metrics of generated text as modules of `evaluate`, for whoever uses that library.

    evaluate.load("clt/evaluation/metric_module.py", "math_answer")

`compute(predictions=[str], references=[str], languages=[str])` returns {"score": mean, "scores": [one per item]}.
An item that cannot be scored is NaN: it is in `scores` and outside the mean. `score` is NaN if no item can be scored.
"""

import math
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import Any

import datasets
import evaluate

from clt.languages import canonical_or_same
from clt.metrics import METRICS, UNSCORED, MetricKind, TextAnswer, score_answers

TEXT_METRICS = [
    metric.name for metric in METRICS.values() if metric.kind == MetricKind.GENERATED_TEXT and not metric.judged
]


class RegisteredMetric(evaluate.Metric):
    """The metric that `config_name` names, one of METRICS."""

    def _info(self) -> evaluate.MetricInfo:
        if self.config_name not in TEXT_METRICS:
            raise ValueError(f"got {self.config_name!r}, expected the name of one of {', '.join(TEXT_METRICS)}")
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=METRICS[self.config_name].description,
            citation="",
            inputs_description="predictions, references, languages (their codes): lists of strings of one length",
            features=datasets.Features({"predictions": text, "references": text, "languages": text}),
        )

    def _compute(
        self, predictions: Sequence[str], references: Sequence[str], languages: Sequence[str]
    ) -> dict[str, Any]:
        codes = list(map(canonical_or_same, languages))
        called = tuple(sorted(set(codes)))
        answers = [
            TextAnswer(text=text, reference=reference, language=code, languages=called)
            for text, reference, code in zip(predictions, references, codes, strict=True)
        ]
        scores = score_answers(self.config_name, answers)
        scored = [score for score in scores if not math.isnan(score)]
        return {"score": math.fsum(scored) / len(scored) if scored else UNSCORED, "scores": scores}


@cache
def load_metric(name: str) -> RegisteredMetric:
    """The `evaluate` module of a metric that scores generated text, held in memory, once a process.

    `evaluate.load` of this file works too, but it copies the file into a cache folder in the home directory behind a
    file lock, which a pod may not have and workers would queue for.
    """
    return RegisteredMetric(config_name=name, keep_in_memory=True, cache_dir=tempfile.gettempdir())
