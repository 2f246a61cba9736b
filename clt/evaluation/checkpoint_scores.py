"""All scores of one checkpoint: every metric of every task, held against the answers that are in the store."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from clt.evaluation.answers import Values, items_of
from clt.evaluation.items import Item
from clt.evaluation.registry import LIKELIHOOD_METRICS, load_metric
from clt.evaluation.score_files import Prediction, Score
from clt.store import ScoreSummary
from clt.study import METRICS, MetricKind, Study

Answered = dict[tuple[str, str, MetricKind], Values]  # (task, language, kind) -> by item


@dataclass(kw_only=True, slots=True)
class CheckpointScores:
    scores: list[Score] = field(default_factory=list)  # by task, metric, language and item
    predictions: list[Prediction] = field(default_factory=list)  # by task, language and item

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


def score_checkpoint(study: Study, items: dict[str, list[Item]], answered: Answered) -> CheckpointScores:
    """Score the answers to every task's items with every metric of the task.

    A metric sees all languages of a task at once: whether a text is in its language depends on the others.
    """
    result = CheckpointScores()
    for task, rows in items.items():
        texts = _by_item(answered, task, rows, MetricKind.GENERATED_TEXT)
        bits = _by_item(answered, task, rows, MetricKind.LIKELIHOOD)
        for name in study.tasks[task].metrics:
            if METRICS[name].kind == MetricKind.GENERATED_TEXT:
                scores = _text_scores(name, rows, cast("list[str]", texts))
            else:
                scores = _likelihood_scores(name, rows, cast("list[float | None]", bits))
            result.scores += [
                Score(task=task, metric=name, language=item.language, item=item.id, score=score)
                for item, score in zip(rows, scores, strict=True)
            ]
        written = cast("Sequence[str | None]", texts or [None] * len(rows))
        result.predictions += [
            Prediction(task=task, language=item.language, item=item.id, prediction=text, reference=item.reference)
            for item, text in zip(rows, written, strict=True)
        ]
    return result


def _by_item(answered: Answered, task: str, items: Sequence[Item], kind: MetricKind) -> list[str | float | None]:
    """The answers of a task in the order of its items (languages one after the other); empty if none were asked for."""

    def values() -> Iterator[str | float | None]:
        for language in dict.fromkeys(item.language for item in items):
            found = answered.get((task, language, kind), [])
            assert len(found) in (0, len(items_of(items, language))), "their key holds the items"
            yield from found

    return list(values())


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
