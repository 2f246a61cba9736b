"""All scores of one set of weights: a generation and a likelihood a task, then the metrics."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from clt.errors import CellFailure
from clt.evaluation.generation import generate
from clt.evaluation.items import Item, encode_prompts, encode_references
from clt.evaluation.likelihood import answer_bits
from clt.evaluation.scoring import load_metric
from clt.evaluation.tables import Prediction, Score
from clt.models import stop_token
from clt.study import METRICS, Study


@dataclass(kw_only=True, slots=True)
class CheckpointScores:
    scores: list[Score] = field(default_factory=list)  # by task, metric, language and item
    predictions: list[Prediction] = field(default_factory=list)  # by task, language and item
    tokens_generated: int = 0  # without stop tokens

    def summary(self) -> list[dict[str, Any]]:
        """A row a task, metric and language: items, unscored (of the items), mean (None if nothing is scored)."""
        groups: dict[tuple[str, str, str], list[float]] = {}
        for score in self.scores:
            groups.setdefault((score.task, score.metric, score.language), []).append(score.score)
        rows = []
        for (task, metric, language), values in groups.items():
            scored = [value for value in values if not math.isnan(value)]
            mean = math.fsum(scored) / len(scored) if scored else None
            counts = {"items": len(values), "unscored": len(values) - len(scored), "mean": mean}
            rows.append({"task": task, "metric": metric, "language": language, **counts})
        return rows


def score_checkpoint(study: Study, items: dict[str, list[Item]], model: Any, tokenizer: Any) -> CheckpointScores:
    """Score a loaded model on every task's items with every metric of the task.

    At most half of training.max_tokens is generated: the other half is the prompt's.
    Raises CellFailure if the model's probabilities are not numbers.
    """
    result = CheckpointScores()
    for task, rows in items.items():
        spec = study.tasks[task]
        wanted = spec.max_new_tokens or study.evaluation.max_new_tokens
        written: list[str] | None = None
        if any(METRICS[name].generates for name in spec.metrics):
            max_new_tokens = max(1, min(wanted, study.training.max_tokens // 2))
            written, count = _generated(study, rows, model, tokenizer, max_new_tokens)
            result.tokens_generated += count
        for name in spec.metrics:
            if METRICS[name].generates:
                assert written is not None
                scores = _metric_scores(name, rows, written)
            else:
                scores = _bits_per_byte(study, rows, model, tokenizer)
            result.scores += [
                Score(task=task, metric=name, language=item.language, item=item.id, score=score)
                for item, score in zip(rows, scores, strict=True)
            ]
        for place, item in enumerate(rows):
            text = None if written is None else written[place]
            result.predictions.append(
                Prediction(task=task, language=item.language, item=item.id, prediction=text, reference=item.reference)
            )
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


def _metric_scores(name: str, items: Sequence[Item], predictions: list[str]) -> list[float]:
    if not items:
        return []
    result = load_metric(name).compute(
        predictions=predictions,
        references=[item.reference for item in items],
        languages=[item.language for item in items],
    )
    assert result is not None, "the one process of this metric computes it"
    return result["scores"]


def _bits_per_byte(study: Study, items: Sequence[Item], model: Any, tokenizer: Any) -> list[float]:
    """Bits of the reference answer and its stop token, given the prompt, per UTF-8 byte of the reference.

    NaN, unscored, where the reference is empty or does not fit into training.max_tokens: the reference's fault.
    """
    prompts, answers = encode_references(tokenizer, items, max_tokens=study.training.max_tokens)
    places = [place for place, answer in enumerate(answers) if answer]
    bits = answer_bits(
        model,
        [prompts[place] for place in places],
        [answers[place] for place in places],
        batch_size=study.evaluation.batch_size,
    )
    scores = [math.nan] * len(items)
    for place, value in zip(places, bits, strict=True):
        if not math.isfinite(value):
            item = items[place]
            raise CellFailure(
                f"the likelihood of item {item.id!r} in {item.language} is {value}, expected a finite number: "
                "the weights are not numbers; train with a lower training.learning_rate"
            )
        scores[place] = value / len(items[place].reference.encode())
    return scores
