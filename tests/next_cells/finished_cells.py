"""Cells of a study with scores in a store, as evaluation leaves them, and a small study that needs no data."""

import numpy as np
import pandas as pd

from clt.planning import declared_record
from clt.store import ArtifactFile, EvaluatedCheckpointMetadata, EvaluationMetadata, Store, publish_record
from clt.study import Cell, StudyRecord, checkpoint_key, load_study

TEXT = """\
name: tiny
models:
  - {name: small, parameters: 1000}
  - {name: large, parameters: 8000}
tasks:
  math:
    train: {rows: 3000, bytes_per_row: 100}
    test: {rows: 60, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [math_answer]
  news:
    train: {rows: 3000, bytes_per_row: 100}
    test: {rows: 60, bytes_per_row: 80}
    prompt: "{text}"
    metrics: [rouge_l]
languages: {train: [es, ja], evaluate: [en, es, ja, ko]}
mixtures:
  - {name: main, english_samples: 100, samples_per_language: [0, 10, 100, 1000]}
training: {epochs: 1, batch_size: 10, validation_rows: 5}
resources:
  training: {accelerator: h100, cpu: 1, memory: 1Gi}
  evaluation: {accelerator: h100, cpu: 1, memory: 1Gi}
  speeds: {h100: 1.0e+6}
"""
STEP = 8  # of the selected checkpoint


def record_of(*replacements: tuple[str, str]) -> StudyRecord:
    """The record of TEXT with replacements."""
    text = TEXT
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return declared_record(load_study(text))


def finish(store: Store, record: StudyRecord, *cells: Cell, rise: float = 1.0) -> None:
    """Leave scores of cells: log-odds of a right answer rise by so much from n = 0 to n = 1000."""
    publish_record(store, record)
    for cell in cells:
        key = record.evaluation_key(cell)
        with store.writer(checkpoint_key(key, STEP)) as attempt:
            scores(record, cell, rise).to_parquet(attempt.path / ArtifactFile.SCORES)
            EvaluatedCheckpointMetadata(
                cell=cell.key, step=STEP, scores=[], rates=[], items=1, tokens_generated=1, seconds=1.0, environment={}
            ).write(attempt)
        with store.writer(key) as attempt:
            EvaluationMetadata(cell=cell.key, steps=[STEP], selected=STEP, seconds=1.0).write(attempt)


def scores(record: StudyRecord, cell: Cell, rise: float) -> pd.DataFrame:
    """Items of one difficulty in all languages; who answers is drawn by the cell's name."""
    generator = np.random.default_rng(list(cell.key.encode()))
    odds = rise * np.log1p(cell.samples_per_language or 0) / np.log1p(1000)
    rows = []
    for task in cell.tasks:
        for metric in record.study.tasks[task].metrics:
            for code in record.study.evaluated(task):
                right = generator.random(60) < 1 / (1 + np.exp(-odds + 1))
                rows += [(task, metric, code, f"{task}-{item}", float(value)) for item, value in enumerate(right)]
    return pd.DataFrame(rows, columns=["task", "metric", "language", "item", "score"])


def trained(record: StudyRecord, *, sizes: tuple[int, ...] | None = None, models: tuple[str, ...] = ()) -> list[Cell]:
    """The trained cells of some n and models (none named: all)."""
    return [
        cell
        for cell in record.grid.cells
        if not cell.is_base
        and (sizes is None or cell.samples_per_language in sizes)
        and (not models or cell.model in models)
    ]
