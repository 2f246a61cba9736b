"""What people read of an evaluated cell, from what its evaluation left in the store; nothing heavy is loaded."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clt.errors import StoreError
from clt.metrics import METRICS
from clt.statistics.reading.artifacts import (
    Texts,
    by_place,
    choice_bits,
    example_texts,
    item_texts,
    judge_replies,
    parquet_rows,
)
from clt.store import AnswerRates, ArtifactFile, EvaluatedCheckpointMetadata, EvaluationMetadata, Store
from clt.study import Cell, StudyRecord, checkpoint_key

PAGE_ITEMS = 50  # of a task and language


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredItem:
    """A test item with what became of it."""

    id: str
    prompt: str
    reference: str
    choices: tuple[str, ...]
    bits: tuple[float | None, ...]  # that the model needs for each choice; empty where none were asked for
    answer: str | None  # None: nothing was written, as no metric of the task needs a text
    extracted: str | None  # what a metric read as the answer
    scores: dict[str, float | None]  # by metric, in the task's order; None: unscored
    tokens: int | None  # of the answer
    finish: str | None  # stop, or length: it ended at max_new_tokens
    examples: int | None  # that stood before the prompt
    truncated: bool | None  # the prompt lost its beginning
    reply: str | None  # the judge's last one


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageAnswers:
    """The answers to one task in one language."""

    task: str
    language: str
    items: int  # that were asked
    means: dict[str, float | None]  # by metric; None: no item is scored
    rates: AnswerRates | None  # None: no texts
    reads: bool  # whether a metric of the task reads an answer out of the text
    examples: tuple[tuple[str, str], ...]  # questions and answers that the study puts before every prompt
    shown: tuple[AnsweredItem, ...]  # the worst first, by the task's first metric; unscored ones last


@dataclass(frozen=True, kw_only=True, slots=True)
class CellAnswers:
    """The answers of a cell's selected checkpoint."""

    study: str
    cell: str
    step: int
    answers: tuple[LanguageAnswers, ...]  # by task and language


def cell_answers(
    store: Store,
    record: StudyRecord,
    cell: Cell,
    *,
    tasks: Collection[str] = (),
    languages: Collection[str] = (),
    limit: int = PAGE_ITEMS,
    only_failures: bool = False,
) -> CellAnswers:
    """Read the answers of a cell's selected checkpoint, failures first.

    Args:
        store: Holds the evaluation.
        record: The cell's study.
        cell: An evaluated one.
        tasks: Only these; empty: all.
        languages: Only these; empty: all.
        limit: Items of a task and language, at most.
        only_failures: Leave out answers to which the task's first metric gives full marks, and unscored ones.

    Raises:
        StoreError: The cell is not evaluated, or something that belongs to it is missing or damaged.
    """
    key = record.evaluation_key(cell)
    evaluation = EvaluationMetadata.read(store, key)
    if evaluation is None:
        raise StoreError(f"{key}: cell {cell.key} is not evaluated yet; run its evaluation step first")
    artifact = checkpoint_key(key, evaluation.selected)
    facts = EvaluatedCheckpointMetadata.read(store, artifact)
    if facts is None:
        raise StoreError(f"{artifact}: not in the store although its cell is complete; run the study again")
    folder = store.fetch(artifact)
    scores = by_place(parquet_rows(folder / ArtifactFile.SCORES))
    predictions = by_place(parquet_rows(folder / ArtifactFile.PREDICTIONS))
    wanted = [
        (task, code)
        for task in cell.tasks
        for code in record.study.evaluated(task)
        if (not tasks or task in tasks) and (not languages or code in languages)
    ]
    texts = {task: item_texts(store, record, task) for task in dict.fromkeys(task for task, _ in wanted)}
    examples = {task: example_texts(store, record, task) for task in texts}
    replies = judge_replies(store, record, cell, evaluation.selected, wanted)
    bits = choice_bits(store, record, cell, evaluation.selected, wanted)
    answers = []
    for task, code in wanted:
        metrics = record.study.tasks[task].metrics
        place = (task, code)
        found = _items(
            predictions.get(place, ()), scores.get(place, ()), texts[task], replies.get(place, {}), bits.get(place, {})
        )
        answers.append(
            LanguageAnswers(
                task=task,
                language=code,
                items=len(found),
                means={each.metric: each.mean for each in facts.scores if (each.task, each.language) == (task, code)},
                rates=next((each for each in facts.rates if (each.task, each.language) == (task, code)), None),
                reads=any(METRICS[name].reads is not None for name in metrics),
                examples=tuple(examples[task].get(code, ())),
                shown=tuple(_worst_first(found, metrics[0], only_failures=only_failures)[:limit]),
            )
        )
    return CellAnswers(study=record.study.name, cell=cell.key, step=evaluation.selected, answers=tuple(answers))


def _items(
    predictions: Iterable[Mapping[str, Any]],
    scores: Iterable[Mapping[str, Any]],
    texts: Texts,
    replies: Mapping[str, str],
    bits: Mapping[str, Sequence[float | None]],
) -> list[AnsweredItem]:
    """The items of one task and language, in their order."""
    scored: dict[str, dict[str, float | None]] = {}
    for row in scores:
        scored.setdefault(row["item"], {})[row["metric"]] = row["score"]
    return [
        AnsweredItem(
            id=row["item"],
            prompt=texts[row["language"], row["item"]]["prompt"],
            reference=row["reference"],
            choices=tuple(texts[row["language"], row["item"]].get("choices", ())),
            bits=tuple(bits.get(row["item"], ())),
            answer=row["prediction"],
            scores=scored.get(row["item"], {}),
            reply=replies.get(row["item"]),
            **{name: row.get(name) for name in ("extracted", "tokens", "finish", "examples", "truncated")},
        )
        for row in predictions
    ]


def _worst_first(items: Sequence[AnsweredItem], metric: str, *, only_failures: bool) -> list[AnsweredItem]:
    facts = METRICS[metric]
    best = facts.high if facts.higher_is_better else facts.low

    def badness(item: AnsweredItem) -> tuple[bool, float]:
        score = item.scores.get(metric)
        return score is None, 0.0 if score is None else score if facts.higher_is_better else -score

    def kept() -> Iterator[AnsweredItem]:
        for item in items:
            if not only_failures or item.scores.get(metric) not in (None, best):
                yield item

    return sorted(kept(), key=badness)
