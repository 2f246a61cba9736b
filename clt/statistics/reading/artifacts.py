"""The files of a store that answers are read from: items and their examples, predictions, scores and judgements."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow.parquet as parquet

from clt.store import ArtifactFile, Store
from clt.study import Cell, MetricKind, StudyRecord, is_judged, judgement_key

Place: TypeAlias = tuple[str, str]  # task and language
Texts: TypeAlias = Mapping[tuple[str, str], Mapping[str, Any]]  # (language, item) -> the item's row


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a parquet file, in their order."""
    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def by_place(rows: Iterable[dict[str, Any]]) -> dict[Place, list[dict[str, Any]]]:
    """Rows by their task and language, in their order."""
    groups: dict[Place, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["task"], row["language"]), []).append(row)
    return groups


def item_texts(store: Store, record: StudyRecord, task: str) -> Texts:
    """The test items of a task as they were asked. StoreError if they are missing or damaged."""
    path = store.fetch(record.items_key(task)) / ArtifactFile.ITEMS
    return {(row["language"], row["id"]): row for row in _json_lines(path)}


def example_texts(store: Store, record: StudyRecord, task: str) -> dict[str, list[tuple[str, str]]]:
    """The solved examples of a task, by language; none for a task without any."""
    path = store.fetch(record.items_key(task)) / ArtifactFile.SHOTS
    found: dict[str, list[tuple[str, str]]] = {}
    for row in _json_lines(path) if path.is_file() else ():
        found.setdefault(row["language"], []).append((row["prompt"], row["answer"]))
    return found


def judge_replies(
    store: Store, record: StudyRecord, cell: Cell, step: int, places: Iterable[Place]
) -> dict[Place, dict[str, str]]:
    """What a judge said last, by task and language and then by item; nothing where none has seen the answers."""
    judged = {place for place in places if is_judged(record.study, [place[0]])}
    answers = _answer_keys(record, cell, step, MetricKind.GENERATED_TEXT, judged)
    keys = {place: judgement_key(record.study, key) for place, key in answers.items()}
    return _by_item(store, keys, ArtifactFile.JUDGEMENTS, "reply")


def choice_bits(
    store: Store, record: StudyRecord, cell: Cell, step: int, places: Iterable[Place]
) -> dict[Place, dict[str, list[float | None]]]:
    """The bits that the model needs for each choice, by task and language and then by item, where there are choices."""
    return _by_item(store, _answer_keys(record, cell, step, MetricKind.CHOICES, places), ArtifactFile.ANSWERS, "bits")


def _answer_keys(
    record: StudyRecord, cell: Cell, step: int, kind: MetricKind, places: Iterable[Place]
) -> dict[Place, str]:
    """Where a checkpoint's answers of one kind are."""
    wanted = set(places)
    return {
        (answer.task, answer.language): answer.key
        for answer in record.answers(cell, step)
        if answer.kind == kind and (answer.task, answer.language) in wanted
    }


def _by_item(store: Store, keys: Mapping[Place, str], file: str, column: str) -> dict[Place, dict[str, Any]]:
    """One column of the artifacts that are there."""
    there = store.manifests(keys.values())
    return {
        place: {row["item"]: row[column] for row in parquet_rows(store.fetch(key) / file)}
        for place, key in keys.items()
        if key in there
    }


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
