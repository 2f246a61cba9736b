"""Evaluate the checkpoints of a cell, one artifact each, then complete the cell and prune weights.

A model is loaded only where answers are missing: what is there is scored as it is.
"""

import time
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from clt.errors import StoreError
from clt.evaluation.answers import GeneratedText, items_of, read_answers
from clt.evaluation.checkpoint_scores import score_checkpoint
from clt.evaluation.items import Item, read_items
from clt.evaluation.judge import check_judge, judge_answers, judge_totals, judged_answers
from clt.evaluation.score_files import write_predictions, write_scores
from clt.progress import phase, timed
from clt.store import (
    AnswersMetadata,
    EvaluatedCheckpointMetadata,
    EvaluationMetadata,
    Store,
    TrainingMetadata,
    evaluated_steps,
    missing_answers,
    prune_weights,
)
from clt.study import Cell, StudyRecord, checkpoint_key

SCORING_PACKAGES = ("py3langid", "regex")


def run_evaluation(store: Store, record: StudyRecord, cell: Cell) -> None:
    """The body of the step; `clt.evaluation.step` describes what it writes."""
    key = record.evaluation_key(cell)
    steps, selected = _steps(store, record, cell)
    missing = [step for step in steps if store.manifest(checkpoint_key(key, step)) is None]
    with timed() as seconds:
        if missing:
            with phase("loading"):
                items = read_items(store, record, cell)
                check_judge(store, record, [answer for step in missing for answer in record.answers(cell, step)])
            for step in missing:
                _evaluate_checkpoint(store, record, cell, step, items)
    # Before the cell is complete: what is killed here is called again, what is complete never is.
    if not cell.is_base:
        prune_weights(store, record, cell, selected)
    found = [EvaluatedCheckpointMetadata.read(store, checkpoint_key(key, step)) for step in steps]
    checkpoints = [checkpoint for checkpoint in found if checkpoint is not None]
    with store.writer(key) as attempt:
        EvaluationMetadata(
            cell=cell.key,
            steps=steps,
            selected=selected,
            seconds=sum(checkpoint.seconds for checkpoint in checkpoints),
            seconds_by_phase=seconds,
            environment=_merged(checkpoint.environment for checkpoint in checkpoints),
        ).write(attempt)


def _steps(store: Store, record: StudyRecord, cell: Cell) -> tuple[list[int], int]:
    """The optimizer steps whose checkpoints are asked for, and the selected one."""
    if cell.is_base:
        return [0], 0
    key = record.training_key(cell)
    training = TrainingMetadata.read(store, key)
    if training is None:
        raise StoreError(f"{key}: cell {cell.key} is not trained yet; run its training step first")
    return evaluated_steps(record, training), training.selected


def _evaluate_checkpoint(
    store: Store, record: StudyRecord, cell: Cell, step: int, items: dict[str, list[Item]]
) -> None:
    if missing := missing_answers(store, record, cell, step):
        from clt.evaluation.answering import make_answers

        make_answers(store, record, cell, step, items, missing)
    started = time.perf_counter()
    answers = record.answers(cell, step)
    made = [facts for answer in answers if (facts := AnswersMetadata.read(store, answer.key)) is not None]
    answered = {
        (answer.task, answer.language, answer.kind): read_answers(store, answer.key, answer.kind) for answer in answers
    }
    ratings = {}
    for answer in judged_answers(record, answers):
        given = answered[answer.task, answer.language, answer.kind]
        texts = [each.text for each in given if isinstance(each, GeneratedText)]
        asked = items_of(items[answer.task], answer.language)
        with phase("judging"):
            ratings[answer.task, answer.language] = judge_answers(store, record, answer, asked, texts)
    with phase("scoring"):
        result = score_checkpoint(record.study, items, answered, ratings)
    environment = _merged(facts.environment for facts in made)
    scored_with = {name: version(name) for name in SCORING_PACKAGES}
    with phase("saving"), store.writer(checkpoint_key(record.evaluation_key(cell), step)) as attempt:
        write_scores(attempt.path, result.scores)
        write_predictions(attempt.path, result.predictions)
        EvaluatedCheckpointMetadata(
            cell=cell.key,
            step=step,
            scores=result.summary(),
            rates=result.rates,
            items=sum(map(len, items.values())),
            tokens_generated=sum(facts.tokens_generated for facts in made),
            seconds=round(sum(facts.seconds for facts in made) + time.perf_counter() - started, 3),
            judged=judge_totals(store, record, answers),
            environment=environment | {"packages": environment.get("packages", {}) | scored_with},
        ).write(attempt)


def _merged(environments: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One environment for several: where they differ, all that there were."""
    merged: dict[str, Any] = {}
    for environment in environments:
        for name, value in environment.items():
            if isinstance(value, dict):
                merged[name] = _merged([merged.get(name, {}), value])
            elif merged.setdefault(name, value) != value:
                merged[name] = " and ".join(sorted({*str(merged[name]).split(" and "), str(value)}))
    return merged
