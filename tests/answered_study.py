"""A study whose cells are evaluated: what models could have written, scored for real and stored as evaluation does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as parquet

from clt.evaluation.answers import ChoiceBits, GeneratedText, Given, items_of, write_answers
from clt.evaluation.checkpoint_scores import score_checkpoint
from clt.evaluation.items import Item
from clt.evaluation.judge.judgements import SCHEMA
from clt.evaluation.score_files import write_predictions, write_scores
from clt.models import Example
from clt.planning import declared_record
from clt.store import EvaluatedCheckpointMetadata, EvaluationMetadata, Store, publish_record
from clt.study import Cell, MetricKind, StudyRecord, checkpoint_key, judgement_key, load_study

TEXT = """\
name: told
models: [{name: small, parameters: 1000}]
tasks:
  sums:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [math_answer, language_fidelity]
    shots: {count: 2}
  talk:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [judge]
languages: {train: [es], evaluate: [en, es, ar]}
mixtures: [{english_samples: 100, samples_per_language: [0, 10]}]
training: {epochs: 1, batch_size: 10, validation_rows: 5}
judge: {endpoint: {url: "http://localhost:1/v1", model: rater}}
"""
STEP = 8  # of a trained cell's selected checkpoint


@dataclass(frozen=True, kw_only=True)
class Said:
    """A question and what a model said to it, or what its choices cost the model."""

    prompt: str
    reference: str
    answer: str = ""
    choices: tuple[str, ...] = ()
    bits: tuple[float, ...] = ()  # that the model needs for each choice
    finish: str = "stop"
    rating: int = 3
    reply: str = '{"rating": 3}'


Place = tuple[str, str]  # task and language


@dataclass(frozen=True, kw_only=True)
class Told:
    """All that a cell was asked and said; every language has its examples."""

    said: Mapping[Place, Sequence[Said]]
    examples: Sequence[tuple[str, str]] = field(default=())


def told_record(text: str = TEXT) -> StudyRecord:
    """The record of the study, planned without data."""
    return declared_record(load_study(text))


def store_answers(store: Store, record: StudyRecord, cell: Cell, told: Told) -> None:
    """Leave in the store what evaluating a cell leaves: items, judgements, the selected checkpoint's files, the end."""
    publish_record(store, record)
    items = {task: _items(told, task) for task in cell.tasks}
    for task, rows in items.items():
        _store_items(store, record.items_key(task), rows)
    step = 0 if cell.is_base else STEP
    answered: dict[tuple[str, str, MetricKind], list[Given]] = {}
    for answer in record.answers(cell, step):
        said = told.said[answer.task, answer.language]
        given = [_given(each, told, answer.kind) for each in said]
        answered[answer.task, answer.language, answer.kind] = given
        with store.writer(answer.key) as attempt:
            write_answers(attempt.path, answer.kind, items_of(items[answer.task], answer.language), given)
    result = score_checkpoint(
        record.study,
        items,
        answered,
        {place: [float(each.rating) for each in said] for place, said in told.said.items()},
    )
    _store_judgements(store, record, cell, step, told)
    key = record.evaluation_key(cell)
    with store.writer(checkpoint_key(key, step)) as attempt:
        write_scores(attempt.path, result.scores)
        write_predictions(attempt.path, result.predictions)
        EvaluatedCheckpointMetadata(
            cell=cell.key,
            step=step,
            scores=result.summary(),
            rates=result.rates,
            items=sum(map(len, items.values())),
            tokens_generated=1,
            seconds=1.0,
            environment={},
        ).write(attempt)
    with store.writer(key) as attempt:
        EvaluationMetadata(cell=cell.key, steps=[step], selected=step, seconds=1.0).write(attempt)


def _items(told: Told, task: str) -> list[Item]:
    examples = tuple(Example(*example) for example in told.examples)
    return [
        Item(
            id=f"{number}",
            language=code,
            prompt=each.prompt,
            reference=each.reference,
            choices=each.choices,
            right=each.choices.index(each.reference) if each.choices else 0,
            examples=examples,
        )
        for (name, code), said in told.said.items()
        if name == task
        for number, each in enumerate(said)
    ]


def _given(said: Said, told: Told, kind: MetricKind) -> Given:
    examples = len(told.examples)
    if kind == MetricKind.CHOICES:
        return ChoiceBits(examples=examples, truncated=False, bits=list(said.bits))
    tokens = len(said.answer.split())
    return GeneratedText(examples=examples, truncated=False, text=said.answer, tokens=tokens, finish=said.finish)


def _store_items(store: Store, key: str, items: Sequence[Item]) -> None:
    with store.writer(key) as attempt:
        rows = [
            {"id": item.id, "language": item.language, "prompt": item.prompt, "reference": item.reference}
            | ({"choices": item.choices, "right": item.right} if item.choices else {})
            for item in items
        ]
        shots = [
            {"language": code, "id": f"shot-{number}", "prompt": example.prompt, "answer": example.answer}
            for code in dict.fromkeys(item.language for item in items)
            for number, example in enumerate(items[0].examples)
        ]
        for name, lines in {"items.jsonl": rows, **({"shots.jsonl": shots} if shots else {})}.items():
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (attempt.path / name).write_text(text, encoding="utf-8")


def _store_judgements(store: Store, record: StudyRecord, cell: Cell, step: int, told: Told) -> None:
    for answer in record.answers(cell, step):
        if answer.task != "talk":
            continue
        rows = [
            {
                "item": f"{number}",
                "rating": each.rating,
                "attempts": 1,
                "prompt_tokens": 9,
                "completion_tokens": 9,
                "reply": each.reply,
            }
            for number, each in enumerate(told.said[answer.task, answer.language])
        ]
        with store.writer(judgement_key(record.study, answer.key)) as attempt:
            parquet.write_table(pa.Table.from_pylist(rows, SCHEMA), attempt.path / "judgements.parquet")
