"""All scores of one checkpoint: every metric of every task, held against the answers that are in the store."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clt.evaluation.answers import GeneratedText, Given, items_of
from clt.evaluation.items import Item
from clt.evaluation.rates import answer_rates
from clt.evaluation.score_files import Prediction, Score
from clt.evaluation.seen import seen_by_metrics
from clt.metrics import METRICS, MetricKind, TextAnswer, score_answers
from clt.store import AnswerRates, ScoreSummary
from clt.study import Study

Answered = Mapping[tuple[str, str, MetricKind], Sequence[Given]]  # (task, language, kind) -> by item


@dataclass(kw_only=True, slots=True)
class CheckpointScores:
    scores: list[Score] = field(default_factory=list)  # by task, metric, language and item
    predictions: list[Prediction] = field(default_factory=list)  # by task, language and item
    rates: list[AnswerRates] = field(default_factory=list)  # by task and language

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


def score_checkpoint(
    study: Study,
    items: Mapping[str, Sequence[Item]],
    answered: Answered,
    ratings: Mapping[tuple[str, str], Sequence[float]],
) -> CheckpointScores:
    """Score the answers to every task's items with every metric of the task.

    Args:
        study: Has the tasks.
        items: By task.
        answered: What the model gave.
        ratings: What a judge gave to the texts, by task and language, for tasks that have one.
    """
    result = CheckpointScores()
    for task, rows in items.items():
        by_language = {language: items_of(rows, language) for language in dict.fromkeys(item.language for item in rows)}
        for name in study.tasks[task].metrics:
            for language, own in by_language.items():
                if METRICS[name].judged:
                    scores = ratings[task, language]
                else:
                    given = answered[task, language, METRICS[name].kind]
                    scores = score_answers(name, seen_by_metrics(study, task, own, given))
                result.scores += [
                    Score(task=task, metric=name, language=language, item=item.id, score=score)
                    for item, score in zip(own, scores, strict=True)
                ]
        for own in by_language.values():
            _add_answers(result, study, task, own, answered)
    return result


def _add_answers(result: CheckpointScores, study: Study, task: str, items: Sequence[Item], answered: Answered) -> None:
    """Add the predictions of one language, and how they came about; where no text is written, what prompts lost."""
    kinds = [kind for kind in MetricKind if (task, items[0].language, kind) in answered]
    given = answered[task, items[0].language, kinds[0]]
    seen = seen_by_metrics(study, task, items, given)
    reads = next((read for name in study.tasks[task].metrics if (read := METRICS[name].reads)), None)
    for item, answer, shown in zip(items, given, seen, strict=True):
        text = answer if isinstance(answer, GeneratedText) else None
        result.predictions.append(
            Prediction(
                task=task,
                language=item.language,
                item=item.id,
                prediction=text.text if text else None,
                reference=item.reference,
                extracted=reads(shown) if reads and isinstance(shown, TextAnswer) else None,
                tokens=text.tokens if text else None,
                finish=text.finish if text else None,
                examples=answer.examples,
                truncated=answer.truncated,
            )
        )
    result.rates.append(answer_rates(study.tasks[task], task, items, given, seen))
