"""The table of scores of one or more studies, from what their complete cells left in the store."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clt.errors import DataError, StoreError
from clt.statistics.scores.table import COLUMNS, MissingCell, ScoreTable
from clt.store import ArtifactFile, EvaluationMetadata, Store, TrainingMetadata, read_record
from clt.study import METRICS, Cell, Point, Study, StudyRecord, checkpoint_key, task_rows

SCORE_COLUMNS = ["task", "metric", "language", "item", "score"]
TEXT = ("study", "model", "family", "setting", "task", "metric", "mixture", "train_languages", "exposure", "repeat",
        "language", "item")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """One artifact with scores: an evaluated checkpoint of a complete cell."""

    study: str  # its key
    cell: Cell
    step: int  # of the optimizer; 0 for a base model
    selected: bool  # whether the curves use it
    artifact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScores:
    """What the manifests alone say about the scores of some studies."""

    records: dict[str, StudyRecord]  # by study key
    complete: tuple[StoredCheckpoint, ...]  # by cell, then by step
    missing: tuple[MissingCell, ...]
    environments: dict[str, int]
    seconds: dict[str, dict[str, float]]  # model -> phase
    inputs: dict[str, str]  # artifact -> SHA-256 of its scores


def find_scores(store: Store, study_keys: Sequence[str]) -> StoredScores:
    """Which cells are complete and which are not. StoreError if a study is not in the store."""
    records = {key: read_record(store, key) for key in study_keys}
    complete: list[StoredCheckpoint] = []
    missing: list[MissingCell] = []
    environments: Counter[str] = Counter()
    seconds: dict[str, Counter[str]] = {}
    inputs: dict[str, str] = {}
    for study_key, record in records.items():
        for cell in record.grid.cells:
            key = record.evaluation_key(cell)
            evaluation = EvaluationMetadata.read(store, key)
            if evaluation is None:
                state = store.state(key)
                missing.append(
                    MissingCell(study=study_key, cell=cell.key, state=state.state, error=state.reason or None)
                )
                continue
            for step in evaluation.steps:
                artifact = checkpoint_key(key, step)
                inputs[artifact] = _checksum(store, artifact)
                selected = step == evaluation.selected
                complete.append(
                    StoredCheckpoint(study=study_key, cell=cell, step=step, selected=selected, artifact=artifact)
                )
            training = None if cell.is_base else TrainingMetadata.read(store, record.training_key(cell))
            environments.update(_environments(training, evaluation))
            spent = seconds.setdefault(cell.model, Counter())
            for metadata in (training, evaluation):
                spent.update(metadata.seconds_by_phase if metadata is not None else {})
    return StoredScores(
        records=records,
        complete=tuple(complete),
        missing=tuple(missing),
        environments=dict(sorted(environments.items())),
        seconds={model: dict(sorted(spent.items())) for model, spent in sorted(seconds.items()) if spent},
        inputs=dict(sorted(inputs.items())),
    )


def read_studies(store: Store, study_keys: Sequence[str]) -> ScoreTable:
    """The scores of all complete cells of some planned studies.

    Args:
        store: Where the studies are.
        study_keys: Their keys.

    Raises:
        DataError: Not one cell is complete.
        StoreError: A study is not in the store, or scores are damaged.
    """
    return read_stored_scores(store, find_scores(store, list(study_keys)))


def read_stored_scores(store: Store, stored: StoredScores) -> ScoreTable:
    """The scores of every evaluated checkpoint of every complete cell, those of the selected ones in `rows`.

    Raises DataError if no cell of any study is complete, StoreError if an artifact is missing or damaged.
    """
    if not stored.complete:
        states = ", ".join(f"{cell.cell} ({cell.state})" for cell in stored.missing[:5])
        more = ", ..." if len(stored.missing) > 5 else ""
        raise DataError(f"{', '.join(stored.records)}: no cell is complete: {states}{more}; run the study, then report")
    selected: list[pd.DataFrame] = []
    others: list[pd.DataFrame] = []
    for checkpoint in stored.complete:
        scores = pd.read_parquet(store.fetch(checkpoint.artifact) / ArtifactFile.SCORES, columns=SCORE_COLUMNS)
        scores = scores.dropna(subset=["score"])  # an item without a usable reference is unscored, not wrong
        parts = selected if checkpoint.selected else others
        parts += _placed(scores, stored.records[checkpoint.study], checkpoint)
    _share_categories(selected + others)
    rows = pd.concat(selected, ignore_index=True)[list(COLUMNS)]
    return ScoreTable(
        rows=rows,
        source=", ".join(record.study.name for record in stored.records.values()),
        main_metrics={
            name: task.metrics[0] for record in stored.records.values() for name, task in record.study.tasks.items()
        },
        missing=stored.missing,
        environments=stored.environments,
        seconds=stored.seconds,
        inputs=stored.inputs,
        decontamination={
            name: task.decontamination
            for record in stored.records.values()
            for name, task in record.study.tasks.items()
        },
        checkpoints=pd.concat(others, ignore_index=True)[list(COLUMNS)] if others else rows.iloc[:0],
    )


def _checksum(store: Store, folder_key: str) -> str:
    manifest = store.manifest(folder_key)
    if manifest is None:
        raise StoreError(f"{folder_key}: not in the store although its cell is complete; run the study again")
    return manifest.files[ArtifactFile.SCORES].sha256


def _environments(training: TrainingMetadata | None, evaluation: EvaluationMetadata) -> list[str]:
    """One description per step of the cell that recorded its environment, without what names a single machine."""
    by_step = {"evaluation": evaluation.environment}
    if training is not None:
        by_step["training"] = training.environment
    return [f"{step}: {json.dumps(facts, sort_keys=True)}" for step, facts in sorted(by_step.items()) if facts]


def _placed(scores: pd.DataFrame, record: StudyRecord, checkpoint: StoredCheckpoint) -> list[pd.DataFrame]:
    """The scores once for every point that takes them; the English-only cell stands in several curves."""
    cell, english = checkpoint.cell, record.study.languages.english
    model = record.model(cell)
    others = {
        task: sum(task_rows(record.study, cell, task).values()) - cell.rows.get(english, 0) for task in cell.tasks
    }
    known = scores["metric"].map(lambda name: METRICS[name].higher_is_better)
    scores = scores.assign(
        study=checkpoint.study,
        model=model.name,
        family=model.family or "",
        size=float(model.parameters) if model.parameters else np.nan,
        higher_is_better=known.astype(bool),
        english_samples=float(cell.rows.get(english, 0)) if not cell.is_base else np.nan,
        other_samples=scores["task"].map(others).astype(float) if not cell.is_base else np.nan,
        exposure=scores["language"].map(lambda code: cell.exposure(code, english)),
        seed=cell.seed,
        repeat=cell.repeat,
        checkpoint=checkpoint.step,
        selected=checkpoint.selected,
        n_items=np.nan,
    )
    if cell.is_base:
        place = {"setting": "base", "mixture": "", "train_languages": english, "samples_per_language": np.nan}
        return [_with_columns(scores, place)]
    points = [point for point in record.grid.points if point.cell == cell.key]
    return [_with_columns(scores, _place(record.study, point, scores["task"])) for point in points]


def _with_columns(scores: pd.DataFrame, values: dict[str, Any]) -> pd.DataFrame:
    return scores.assign(**values).astype(dict.fromkeys(TEXT, "category"))


def _place(study: Study, point: Point, tasks: pd.Series) -> dict[str, Any]:
    trained = {task: "+".join((study.languages.english, *_trained(study, point, task))) for task in point.tasks}
    return {
        "setting": point.setting,
        "mixture": point.mixture,
        "train_languages": tasks.map(trained),
        "samples_per_language": float(point.samples_per_language),
    }


def _trained(study: Study, point: Point, task: str) -> list[str]:
    """Of the curve's languages, those that the task has."""
    return [code for code in point.train_languages if code in study.trained(task)]


def _share_categories(parts: list[pd.DataFrame]) -> None:
    """Give the text columns of all parts the same categories, in place: a byte or two a row instead of a string."""
    for name in TEXT:
        kind = pd.CategoricalDtype(sorted({value for part in parts for value in part[name].cat.categories}))
        for part in parts:
            part[name] = part[name].astype(kind)
