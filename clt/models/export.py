"""The selected model of a cell as a folder of its own, for whoever has no store: weights, tokenizer, card."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clt.errors import StoreError, UserError
from clt.models.card import model_card
from clt.models.encoders import make_encoder
from clt.models.loading import load_model, load_tokenizer, stopping_at
from clt.models.where import at_hand
from clt.store import Store, TrainingMetadata
from clt.study import Cell, Model, StudyRecord, checkpoint_key, is_hub_id


def export_model(store: Store, record: StudyRecord, cell: Cell, folder: Path, *, merge: bool = False) -> None:
    """Write the selected model of a trained cell.

    Files: what `transformers` loads (method lora: what `peft` loads on top of the base, unless merged), the tokenizer
    with its chat template, generation_config.json with the stop token that was learned, and README.md, the card.

    Args:
        store: Holds the cell's training.
        record: A study that has the cell.
        cell: A trained one.
        folder: Made whole or not at all: written beside, then renamed. An empty one may stand there.
        merge: Add a LoRA adapter to the base model's weights, in the precision of training; needs the base model.

    Raises:
        UserError: A base model, a merge without an adapter, or a folder that is not empty or cannot be written.
        StoreError: The training is not complete, or its weights are not in the store.
    """
    model = record.model(cell)
    if cell.is_base:
        raise UserError(f"{cell.key} is the base model as it is, expected a trained cell; it is at {model.path}")
    if merge and model.method != "lora":
        raise UserError(f"--merge: {cell.key} was trained with method {model.method}, expected lora: it has no adapter")
    training = _complete_training(store, record, cell)
    with _renamed_to(folder) as beside:
        source = store.fetch(checkpoint_key(record.training_key(cell), training.selected))
        if merge:
            _merge(record, at_hand(model, store), source, beside)
        else:
            shutil.copytree(source, beside, dirs_exist_ok=True)
            if model.method == "lora":
                _name_base(beside / "adapter_config.json", model)
        _write_generation_config(beside, make_encoder(load_tokenizer(source, model), model).stop_token)
        card = model_card(store, record, cell, training, merged=merge)
        (beside / "README.md").write_text(card, encoding="utf-8")


def _complete_training(store: Store, record: StudyRecord, cell: Cell) -> TrainingMetadata:
    training = TrainingMetadata.read(store, record.training_key(cell))
    if training is None:
        raise StoreError(
            f"{cell.key}: its training is not complete in the store {store.uri}, expected a trained cell; run the study"
        )
    weights = store.manifest(checkpoint_key(record.training_key(cell), training.selected))
    if weights is None or weights.pruned is not None:
        reason = "are not there" if weights is None else f"were removed ({weights.pruned})"
        raise StoreError(
            f"{cell.key}: the weights of step {training.selected}, the selected one, {reason} in the store "
            f"{store.uri}; delete the training there and run the study again: they are made anew"
        )
    return training


@contextmanager
def _renamed_to(folder: Path) -> Iterator[Path]:
    """A folder beside the wanted one, which it becomes at the end; gone if anything fails."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{folder} exists, expected a folder that is not there yet, or an empty one")
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            beside.chmod(0o755)  # as any other folder; that of mkdtemp is closed to others
            yield beside
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error}") from error


def _merge(record: StudyRecord, model: Model, adapter: Path, folder: Path) -> None:
    merged: Any = load_model(model, adapter, record.study.training.precision)  # of peft, with its adapter
    merged = merged.merge_and_unload()
    merged.save_pretrained(str(folder))
    load_tokenizer(adapter, model).save_pretrained(str(folder))


def _name_base(adapter_config: Path, model: Model) -> None:
    """A hub model's id and commit, by which peft finds the base; a folder of this machine means nothing elsewhere."""
    if model.path is not None and is_hub_id(model.path):
        config = json.loads(adapter_config.read_text(encoding="utf-8"))
        config |= {"base_model_name_or_path": model.path, "revision": model.revision}
        adapter_config.write_text(json.dumps(config, indent=2), encoding="utf-8")


def _write_generation_config(folder: Path, stop_token: int) -> None:
    from transformers import GenerationConfig

    standing = (folder / "generation_config.json").is_file()
    config = GenerationConfig.from_pretrained(str(folder)) if standing else GenerationConfig()
    stopping_at(config, stop_token).save_pretrained(str(folder))
