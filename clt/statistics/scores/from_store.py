"""The table of scores of one or more studies, from what their complete cells left in the store."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from clt.errors import DataError, StoreError
from clt.statistics.scores.places import TEXT, StoredCheckpoint, placed
from clt.statistics.scores.table import COLUMNS, COUNTS, MissingCell, ScoreTable
from clt.store import AnswerRates, ArtifactFile, EvaluationMetadata, Manifest, Store, TrainingMetadata, read_record
from clt.study import Judge, StudyRecord, checkpoint_key, is_judged

SCORE_COLUMNS = ["task", "metric", "language", "item", "score"]


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
    return find_scores_of(store, {key: read_record(store, key) for key in study_keys})


def find_scores_of(store: Store, records: dict[str, StudyRecord]) -> StoredScores:
    """The same for records by key, in the store or not: what a study was planned with does not matter to its scores."""
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
                manifest = _manifest(store, artifact)
                inputs[artifact] = manifest.files[ArtifactFile.SCORES].sha256
                complete.append(
                    StoredCheckpoint(
                        study=study_key,
                        cell=cell,
                        step=step,
                        selected=step == evaluation.selected,
                        artifact=artifact,
                        rates=tuple(map(AnswerRates.model_validate, manifest.metadata.get("rates", ()))),
                    )
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
        parts += placed(scores, stored.records[checkpoint.study], checkpoint)
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
        judges=_judges(stored.records.values()),
        answers=_answers(stored),
        weights={
            (key, mixture.name): dict(mixture.weights)
            for key, record in stored.records.items()
            for mixture in record.study.mixtures
            if mixture.weights
        },
        checkpoints=pd.concat(others, ignore_index=True)[list(COLUMNS)] if others else rows.iloc[:0],
    )


def _answers(stored: StoredScores) -> pd.DataFrame:
    """How the answers of the selected checkpoints came about, once for every point that takes them."""
    parts: list[pd.DataFrame] = []
    for checkpoint in stored.complete:
        if checkpoint.selected and checkpoint.rates:
            record = stored.records[checkpoint.study]
            counts = pd.DataFrame([rates.model_dump() for rates in checkpoint.rates])
            metrics = {name: task.metrics[0] for name, task in record.study.tasks.items()}
            parts += placed(counts.assign(metric=counts["task"].map(metrics)), record, checkpoint)
    if not parts:
        return pd.DataFrame(columns=list(COUNTS))
    texts = [name for name in COUNTS if name in TEXT]
    return pd.concat([part[list(COUNTS)].astype(dict.fromkeys(texts, "str")) for part in parts], ignore_index=True)


def _judges(records: Iterable[StudyRecord]) -> tuple[Judge, ...]:
    """The judges of studies with tasks that they rate, each once."""
    judges: list[Judge] = []
    for study in (record.study for record in records):
        if study.judge is not None and study.judge not in judges and is_judged(study, study.tasks):
            judges.append(study.judge)
    return tuple(judges)


def _manifest(store: Store, folder_key: str) -> Manifest:
    manifest = store.manifest(folder_key)
    if manifest is None:
        raise StoreError(f"{folder_key}: not in the store although its cell is complete; run the study again")
    return manifest


def _environments(training: TrainingMetadata | None, evaluation: EvaluationMetadata) -> list[str]:
    """One description per step of the cell that recorded its environment, without what names a single machine."""
    by_step = {"evaluation": evaluation.environment}
    if training is not None:
        by_step["training"] = training.environment
    return [f"{step}: {json.dumps(facts, sort_keys=True)}" for step, facts in sorted(by_step.items()) if facts]


def _share_categories(parts: list[pd.DataFrame]) -> None:
    """Give the text columns of all parts the same categories, in place: a byte or two a row instead of a string."""
    for name in TEXT:
        kind = pd.CategoricalDtype(sorted({value for part in parts for value in part[name].cat.categories}))
        for part in parts:
            part[name] = part[name].astype(kind)
