"""All scores of one set of weights: a generation and a likelihood a task, then the metrics."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from clt.errors import CellFailure
from clt.evaluation.generation import generate
from clt.evaluation.items import Item, encode_prompts, encode_references
from clt.evaluation.likelihood import answer_bits
from clt.evaluation.registry import LIKELIHOOD_METRICS, load_metric
from clt.evaluation.score_files import Prediction, Score
from clt.models import stop_token
from clt.store import ScoreSummary
from clt.study import METRICS, MetricKind, Study


@dataclass(kw_only=True, slots=True)
class CheckpointScores:
    scores: list[Score] = field(default_factory=list)  # by task, metric, language and item
    predictions: list[Prediction] = field(default_factory=list)  # by task, language and item
    tokens_generated: int = 0  # without stop tokens

    def summary(self) -> list[ScoreSummary]:
        """One for each task, metric and language."""
        groups: dict[tuple[str, str, str], list[float]] = {}
        for score in self.scores:
            groups.setdefault((score.task, score.metric, score.language), []).append(score.score)
        rows = []
        for (task, metric, language), values in groups.items():
            scored = [value for value in values if not math.isnan(value)]
            mean = math.fsum(scored) / len(scored) if scored else None
            unscored = len(values) - len(scored)
            rows.append(
                ScoreSummary(
                    task=task, metric=metric, language=language, items=len(values), unscored=unscored, mean=mean
                )
            )
        return rows


def score_checkpoint(study: Study, items: dict[str, list[Item]], model: Any, tokenizer: Any) -> CheckpointScores:
    """Score a loaded model on every task's items with every metric of the task.

    At most half of training.max_tokens is generated: the other half is the prompt's.
    Raises CellFailure if the model's probabilities are not numbers.
    """
    result = CheckpointScores()
    for task, rows in items.items():
        spec = study.tasks[task]
        kinds = {METRICS[name].kind for name in spec.metrics}
        texts: list[str] = []
        bits: list[float | None] = []
        if MetricKind.GENERATED_TEXT in kinds:
            longest = spec.max_new_tokens or study.evaluation.max_new_tokens
            max_new_tokens = max(1, min(longest, study.training.max_tokens // 2))
            texts, count = _generated(study, rows, model, tokenizer, max_new_tokens)
            result.tokens_generated += count
        if MetricKind.LIKELIHOOD in kinds:
            bits = _reference_bits(study, rows, model, tokenizer)
        for name in spec.metrics:
            if METRICS[name].kind == MetricKind.GENERATED_TEXT:
                scores = _text_scores(name, rows, texts)
            else:
                scores = _likelihood_scores(name, rows, bits)
            result.scores += [
                Score(task=task, metric=name, language=item.language, item=item.id, score=score)
                for item, score in zip(rows, scores, strict=True)
            ]
        written: Sequence[str | None] = texts or [None] * len(rows)
        result.predictions += [
            Prediction(task=task, language=item.language, item=item.id, prediction=text, reference=item.reference)
            for item, text in zip(rows, written, strict=True)
        ]
    return result


def _generated(
    study: Study, items: Sequence[Item], model: Any, tokenizer: Any, max_new_tokens: int
) -> tuple[list[str], int]:
    """What the model writes for each item (up to the stop token, stripped), and the number of tokens in all."""
    prompts = encode_prompts(tokenizer, items, max_tokens=study.training.max_tokens, max_new_tokens=max_new_tokens)
    tokens = generate(
        model,
        prompts,
        stop=stop_token(tokenizer),
        max_new_tokens=max_new_tokens,
        batch_size=study.evaluation.batch_size,
    )
    texts = [
        tokenizer.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip() for row in tokens
    ]
    return texts, sum(map(len, tokens))


def _reference_bits(study: Study, items: Sequence[Item], model: Any, tokenizer: Any) -> list[float | None]:
    """Bits of each reference answer and its stop token, given the prompt.

    None where the reference is empty or does not fit into training.max_tokens: the reference's fault.
    """
    prompts, answers = encode_references(tokenizer, items, max_tokens=study.training.max_tokens)
    asked = [index for index, answer in enumerate(answers) if answer]
    values = answer_bits(
        model,
        [prompts[index] for index in asked],
        [answers[index] for index in asked],
        batch_size=study.evaluation.batch_size,
    )
    bits: list[float | None] = [None] * len(items)
    for index, value in zip(asked, values, strict=True):
        if not math.isfinite(value):
            item = items[index]
            raise CellFailure(
                f"the likelihood of item {item.id!r} in {item.language} is {value}, expected a finite number: "
                "the weights are not numbers; train with a lower training.learning_rate"
            )
        bits[index] = value
    return bits


def _text_scores(name: str, items: Sequence[Item], predictions: list[str]) -> list[float]:
    if not items:
        return []
    result = load_metric(name).compute(
        predictions=predictions,
        references=[item.reference for item in items],
        languages=[item.language for item in items],
    )
    assert result is not None, "the one process of this metric computes it"
    return result["scores"]


def _likelihood_scores(name: str, items: Sequence[Item], bits: Sequence[float | None]) -> list[float]:
    metric = LIKELIHOOD_METRICS[name]
    return [metric(value, item.reference) for value, item in zip(bits, items, strict=True)]
