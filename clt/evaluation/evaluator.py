"""Evaluate the checkpoints of a cell, one artifact each, then complete the cell and prune weights."""

import time
from pathlib import Path
from typing import Any

import torch

from clt.errors import CellFailure, StoreError
from clt.evaluation.checkpoint_scores import score_checkpoint
from clt.evaluation.items import Item, read_items
from clt.evaluation.score_files import write_predictions, write_scores
from clt.models import cpu_threads, environment, load_model, load_tokenizer
from clt.progress import phase, timed
from clt.store import EvaluatedCheckpointMetadata, EvaluationMetadata, Store, TrainingMetadata
from clt.study import Cell, Every, StudyRecord, checkpoint_key

PACKAGES = ("torch", "transformers", "tokenizers", "peft", "py3langid", "regex")


def run_evaluation(store: Store, record: StudyRecord, cell: Cell) -> None:
    """The body of the step; `clt.evaluation.step` describes what it writes."""
    key = record.evaluation_key(cell)
    steps, selected = _steps(store, record, cell)
    missing = [step for step in steps if store.manifest(checkpoint_key(key, step)) is None]
    # With set threads greedy text and likelihoods are the same bits.
    with timed() as seconds, cpu_threads(record.study.evaluation.cpu_threads):
        if missing:
            with phase("loading"):
                items = read_items(store, record, cell)
            for step in missing:
                _evaluate_checkpoint(store, record, cell, step, items)
        evaluated_in = environment(PACKAGES, _device())
    # Before the cell is complete: what is killed here is called again, what is complete never is.
    _prune(store, record, cell, selected)
    checkpoints = [EvaluatedCheckpointMetadata.read(store, checkpoint_key(key, step)) for step in steps]
    with store.writer(key) as attempt:
        EvaluationMetadata(
            cell=cell.key,
            steps=steps,
            selected=selected,
            seconds=sum(checkpoint.seconds for checkpoint in checkpoints if checkpoint is not None),
            seconds_by_phase=seconds,
            environment=evaluated_in,
        ).write(attempt)


def _steps(store: Store, record: StudyRecord, cell: Cell) -> tuple[list[int], int]:
    """The optimizer steps whose checkpoints are asked for, and the selected one."""
    if cell.is_base:
        return [0], 0
    key = record.training_key(cell)
    training = TrainingMetadata.read(store, key)
    if training is None:
        raise StoreError(f"{key}: cell {cell.key} is not trained yet; run its training step first")
    asked = record.study.evaluation.checkpoints
    if asked == "selected":
        return [training.selected], training.selected
    steps = [checkpoint.step for checkpoint in training.checkpoints]
    if isinstance(asked, Every):
        steps = steps[asked.every - 1 :: asked.every]
    return sorted({*steps, training.selected}), training.selected


def _evaluate_checkpoint(
    store: Store, record: StudyRecord, cell: Cell, step: int, items: dict[str, list[Item]]
) -> None:
    started = time.perf_counter()
    with phase("loading"):
        model, tokenizer = _load(store, record, cell, step)
    try:
        with phase("evaluating"):
            result = score_checkpoint(record.study, items, model, tokenizer)
    except torch.OutOfMemoryError as error:
        raise CellFailure(
            f"checkpoint {step}: no memory for evaluation.batch_size = {record.study.evaluation.batch_size}, "
            f"max_new_tokens = {record.study.evaluation.max_new_tokens}: lower them, or give the model a larger "
            f"accelerator ({error})"
        ) from error
    with phase("saving"), store.writer(checkpoint_key(record.evaluation_key(cell), step)) as attempt:
        write_scores(attempt.path, result.scores)
        write_predictions(attempt.path, result.predictions)
        EvaluatedCheckpointMetadata(
            cell=cell.key,
            step=step,
            scores=result.summary(),
            items=sum(map(len, items.values())),
            tokens_generated=result.tokens_generated,
            seconds=round(time.perf_counter() - started, 3),
            environment=environment(PACKAGES, _device()),
        ).write(attempt)


def _load(store: Store, record: StudyRecord, cell: Cell, step: int) -> tuple[Any, Any]:
    model = record.model(cell)
    folder: Path | None = None
    if not cell.is_base:
        key = checkpoint_key(record.training_key(cell), step)
        manifest = store.manifest(key)
        if manifest is not None and manifest.pruned is not None:
            raise StoreError(
                f"{key}: the weights of step {step} are pruned ({manifest.pruned}) and this evaluation needs them; "
                "evaluate the selected checkpoint only (evaluation.checkpoints: selected), or train the cell again "
                "with training.keep_checkpoints: all and another repeat"
            )
        folder = store.fetch(key)
    spread = torch.cuda.device_count() > 1  # a model that one accelerator cannot hold is given several
    loaded: Any = load_model(model, folder, record.study.training.precision, spread=spread)
    tokenizer = load_tokenizer(folder or model.path or "", model)
    if not spread:
        loaded = loaded.to(_device())
    return loaded, tokenizer


def _prune(store: Store, record: StudyRecord, cell: Cell, selected: int) -> None:
    """Let go of all weights but the selected ones; every score that this evaluation asks for is complete."""
    if cell.is_base or record.study.training.keep_checkpoints == "all":
        return
    training = record.training_key(cell)
    for key in store.keys(f"{training}/checkpoints"):
        manifest = store.manifest(key)
        if key != checkpoint_key(training, selected) and manifest is not None and manifest.pruned is None:
            store.prune(key, "scores are complete and training.keep_checkpoints is selected")


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
