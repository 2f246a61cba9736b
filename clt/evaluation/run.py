"""Evaluate the checkpoints of a cell, one artifact each, then complete the cell and prune weights."""

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from clt.errors import CellFailure, StoreError
from clt.evaluation.checkpoint_scores import score_checkpoint
from clt.evaluation.items import Item, read_items
from clt.evaluation.tables import write_predictions, write_scores
from clt.models import load_model, load_tokenizer
from clt.store import Store
from clt.study import Cell, Every, StudyRecord, checkpoint_key

PACKAGES = ("torch", "transformers", "tokenizers", "peft", "py3langid", "regex")


def run_evaluation(store: Store, record: StudyRecord, cell: Cell) -> None:
    """The body of the step; `clt.evaluation.step` describes what it writes."""
    key = record.evaluation_key(cell)
    steps, selected = _steps(store, record, cell)
    missing = [step for step in steps if store.manifest(checkpoint_key(key, step)) is None]
    with _threads(record.study.evaluation.cpu_threads):
        if missing:
            items = read_items(store, record, cell)
            for step in missing:
                _evaluate_checkpoint(store, record, cell, step, items)
        made_in = environment()
    # Before the cell is complete: what is killed here is called again, what is complete never is.
    _prune(store, record, cell, selected)
    parts = [store.manifest(checkpoint_key(key, step)) for step in steps]
    with store.writer(key) as attempt:
        attempt.metadata.update(
            cell=cell.key,
            steps=steps,
            selected=selected,
            seconds=sum(part.metadata["seconds"] for part in parts if part is not None),
            environment=made_in,
        )


def _steps(store: Store, record: StudyRecord, cell: Cell) -> tuple[list[int], int]:
    """The optimizer steps whose checkpoints are asked for, and the selected one."""
    if cell.is_base:
        return [0], 0
    training = record.training_key(cell)
    manifest = store.manifest(training)
    if manifest is None:
        raise StoreError(f"{training}: cell {cell.key} is not trained yet; run its training step first")
    selected: int = manifest.metadata["selected"]
    trained: list[int] = [checkpoint["step"] for checkpoint in manifest.metadata["checkpoints"]]
    wanted = record.study.evaluation.checkpoints
    if wanted == "selected":
        return [selected], selected
    if isinstance(wanted, Every):
        trained = trained[wanted.every - 1 :: wanted.every]
    return sorted({*trained, selected}), selected


def _evaluate_checkpoint(
    store: Store, record: StudyRecord, cell: Cell, step: int, items: dict[str, list[Item]]
) -> None:
    started = time.perf_counter()
    model, tokenizer = _load(store, record, cell, step)
    try:
        result = score_checkpoint(record.study, items, model, tokenizer)
    except torch.OutOfMemoryError as error:
        raise CellFailure(
            f"checkpoint {step}: no memory for evaluation.batch_size = {record.study.evaluation.batch_size}, "
            f"max_new_tokens = {record.study.evaluation.max_new_tokens}: lower them, or give the model a larger "
            f"accelerator ({error})"
        ) from error
    with store.writer(checkpoint_key(record.evaluation_key(cell), step)) as attempt:
        write_scores(attempt.path, result.scores)
        write_predictions(attempt.path, result.predictions)
        attempt.metadata.update(
            cell=cell.key,
            step=step,
            scores=result.summary(),
            items=sum(map(len, items.values())),
            tokens_generated=result.tokens_generated,
            seconds=round(time.perf_counter() - started, 3),
            environment=environment(),
        )


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
        loaded = loaded.to("cuda" if torch.cuda.is_available() else "cpu")
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


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """torch with this many threads; greedy text and likelihoods are the same bits for the same count."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def environment() -> dict[str, Any]:
    """Package versions, hardware and threads; no host name and no path."""
    return {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else f"cpu {platform.machine()}",
        "cpu_threads": torch.get_num_threads(),
    }
