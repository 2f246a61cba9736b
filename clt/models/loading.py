"""Models and tokenizers from folders, hub ids and checkpoints: safetensors, no remote code unless the study says so."""

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clt.errors import StudyError
from clt.models.chat_template import plain_template
from clt.models.encoders import Encoder, added_prefix
from clt.study import Model

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

Precision = Literal["float32", "bfloat16"]

# A folder with none of these has no tokenizer; transformers would look on the hub or make an empty one. A
# tokenizer_config.json alone is none: it holds no vocabulary.
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "vocab.json",
    "vocab.txt",
)


def load_tokenizer(path: Path | str, model: Model) -> "PreTrainedTokenizerBase":
    """Load a tokenizer.

    Args:
        path: A folder, of the model or of one of its checkpoints, or a hub id.
        model: What the study says of the model: its revision, whether its own code may run, and whether prompts are
            conversations: a tokenizer without a chat template then gets one.

    Raises:
        StudyError: There is none; the folder and what is missing are named.
    """
    from transformers import AutoTokenizer

    _require_folder(path, model)
    folder = Path(path)
    if folder.is_dir() and not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise _error(model, path, f"has no tokenizer; expected one of {', '.join(TOKENIZER_FILES)} in it")
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(path), **_source(path, model))
    except (OSError, ValueError) as error:
        raise _error(model, path, f"its tokenizer cannot be loaded: {error}") from error
    if model.chat and not tokenizer.chat_template:  # its checkpoints carry it then
        tokenizer.chat_template = plain_template("".join(tokenizer.convert_ids_to_tokens(added_prefix(tokenizer))))
    return tokenizer


def load_model(
    model: Model, checkpoint: Path | None = None, precision: Precision = "float32", *, spread: bool = False
) -> "PreTrainedModel":
    """Load a causal language model, in evaluation mode.

    Args:
        model: What the study says of it.
        checkpoint: A folder that `save_model` wrote: all weights (method full), or an adapter that goes on top of
            model.path (method lora). None is the base model as it is.
        precision: Of the weights; a LoRA adapter stays in float32.
        spread: Over all accelerators, layer by layer; otherwise it is on the CPU.

    Raises:
        StudyError: There is no path, or no weights that can be loaded at it.
    """
    import torch

    base = checkpoint if checkpoint is not None and model.method == "full" else model.path
    if base is None:
        raise StudyError(
            "got no path, expected a hub id or a folder to load it from", field=f"models.{model.name}.path"
        )
    loaded: Any = _load_weights(model, base, getattr(torch, precision), "auto" if spread else None)
    if checkpoint is not None and model.method == "lora":
        from peft import PeftModel

        loaded = PeftModel.from_pretrained(loaded, str(checkpoint), local_files_only=True)
    return loaded.eval()


def save_model(
    model: "PreTrainedModel",
    weights: "dict[str, torch.Tensor]",
    encoder: Encoder,
    folder: Path,
    *,
    name: str,
) -> None:
    """Write a model so that `load_model` and `load_tokenizer` (or transformers and peft) can read it.

    Files: model.safetensors (several and an index, if large) and config.json, or for a model with a LoRA adapter
    adapter_model.safetensors and adapter_config.json; the tokenizer's files, and generation_config.json, by which
    `generate` ends at the stop token that was learned.

    Args:
        model: Its configuration, or its adapter's of peft; its own weights are not looked at.
        weights: On the CPU, by the model's names: all of them, tied ones once, or the adapter's alone.
        encoder: Its tokenizer goes into the same folder.
        folder: Exists, and is empty.
        name: What the adapter's configuration calls its base model.
    """
    if hasattr(model, "peft_config"):
        for config in model.peft_config.values():
            config.base_model_name_or_path = name  # not a path of this machine
        model.save_pretrained(str(folder), state_dict=weights, save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)  # a model card with nothing filled in
    else:
        dtype = next(iter(weights.values())).dtype
        model.save_pretrained(str(folder), state_dict=weights)  # which may empty the mapping
        config = copy.deepcopy(model.config)  # which names the type of the model's own weights
        config.dtype = dtype
        config.save_pretrained(str(folder))
    encoder.tokenizer.save_pretrained(str(folder))
    if model.generation_config is not None:
        stopping_at(model.generation_config, encoder.stop_token).save_pretrained(str(folder))


def stopping_at(config: "GenerationConfig", stop_token: int) -> "GenerationConfig":
    """A copy of a generation configuration that ends at this token first, and at those that it ended at before."""
    changed, before = copy.deepcopy(config), config.eos_token_id
    known = [before] if isinstance(before, int) else list(before or ())
    others = [token for token in known if token != stop_token]
    changed.eos_token_id = [stop_token, *others] if others else stop_token
    return changed


def model_folder(model: Model) -> Path:
    """Where the files of a base model are on this machine; those of a hub model are fetched, and kept in its cache."""
    path = str(model.path)
    _require_folder(path, model)
    if Path(path).is_dir():
        return Path(path)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(path, revision=model.revision, allow_patterns=["model*.safetensors", "*.json"]))


def source_options(model: Model) -> dict[str, Any]:
    """What transformers needs beside the base model's path: its revision, and whether its own code may run."""
    _require_folder(str(model.path), model)
    return _source(str(model.path), model)


def _load_weights(model: Model, base: Path | str, dtype: "torch.dtype", device_map: str | None) -> "PreTrainedModel":
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would break through the caller's own

    _require_folder(base, model)
    folder = Path(base)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise _error(model, base, "has no config.json, expected a folder that transformers can load")
        if not any(folder.glob("*.safetensors")):
            raise _error(model, base, "has no *.safetensors file; convert its weights, no other format is loaded")
    try:
        return AutoModelForCausalLM.from_pretrained(
            str(base), dtype=dtype, device_map=device_map, use_safetensors=True, **_source(base, model)
        )
    except (OSError, ValueError) as error:
        raise _error(model, base, f"cannot be loaded: {error}") from error


def _require_folder(path: Path | str, model: Model) -> None:
    """A path that leads nowhere would be taken for a hub id, and the hub's error would not name the cause."""
    if Path(path).is_absolute() and not Path(path).is_dir():
        raise _error(
            model,
            path,
            "is no folder on this machine, or a closed one; on a cluster every pod has to have it: put it on the data "
            "claim, or name a hub id",
        )


def _source(path: Path | str, model: Model) -> dict[str, Any]:
    options: dict[str, Any] = {"trust_remote_code": model.trust_remote_code}
    if Path(path).is_dir():
        return options | {"local_files_only": True}
    return options | {"revision": model.revision}


def _error(model: Model, path: Path | str, message: str) -> StudyError:
    return StudyError(f"{path}: {message}", field=f"models.{model.name}.path")
