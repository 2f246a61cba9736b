"""Models and tokenizers from folders, hub ids and checkpoints: safetensors, no remote code unless the study says so."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clt.errors import StudyError
from clt.study import Model

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

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
        model: What the study says of the model: its revision, and whether its own code may run.

    Raises:
        StudyError: There is none; the folder and what is missing are named.
    """
    from transformers import AutoTokenizer

    _require_folder(path, model)
    folder = Path(path)
    if folder.is_dir() and not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise _error(model, path, f"has no tokenizer; expected one of {', '.join(TOKENIZER_FILES)} in it")
    try:
        return AutoTokenizer.from_pretrained(str(path), **_source(path, model))
    except (OSError, ValueError) as error:
        raise _error(model, path, f"its tokenizer cannot be loaded: {error}") from error


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
    tokenizer: "PreTrainedTokenizerBase",
    folder: Path,
    *,
    name: str,
    dtype: "torch.dtype",
) -> None:
    """Write a model so that `load_model` and `load_tokenizer` (or transformers and peft) can read it.

    Files: model.safetensors (several and an index, if large) and config.json, or for a model with a LoRA adapter
    adapter_model.safetensors and adapter_config.json; and the tokenizer's files.

    Args:
        model: With all weights, or with an adapter of peft.
        tokenizer: Goes into the same folder.
        folder: Exists, and is empty.
        name: What the adapter's configuration calls its base model.
        dtype: Of the written weights; an adapter is written as it is.
    """
    if hasattr(model, "peft_config"):
        for config in model.peft_config.values():
            config.base_model_name_or_path = name  # not a path of this machine
        model.save_pretrained(str(folder), save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)  # a model card with nothing filled in
    else:
        weights = _cast(model.state_dict(), dtype)
        before, model.config.dtype = model.config.dtype, dtype
        model.save_pretrained(str(folder), state_dict=weights)
        model.config.dtype = before
    tokenizer.save_pretrained(str(folder))


def _cast(weights: "dict[str, torch.Tensor]", dtype: "torch.dtype") -> "dict[str, torch.Tensor]":
    """Copies in another type on the CPU; tensors that are tied stay one tensor, so that they are written once."""
    cast: dict[int, torch.Tensor] = {}
    for value in weights.values():
        if value.data_ptr() not in cast:
            cast[value.data_ptr()] = value.to("cpu", dtype) if value.is_floating_point() else value.cpu()
    return {name: cast[value.data_ptr()] for name, value in weights.items()}


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
