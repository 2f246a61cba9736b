"""A base model without its weights, and its weights by rows: for processes that each keep a part of them."""

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clt.errors import StudyError
from clt.models.loading import load_model, model_folder, source_options
from clt.study import Model

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_LOG = logging.getLogger("clt.models")


def empty_model(model: Model, dtype: "torch.dtype") -> "PreTrainedModel":
    """The model that transformers would load, its parameters on the meta device, tied where it ties them.

    Args:
        model: What the study says of it.
        dtype: Of the parameters.
    """
    from accelerate import init_empty_weights
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig
    from transformers.utils import logging

    logging.disable_progress_bar()  # of saving, too: a line a checkpoint in a job's log

    options = source_options(model)
    config = AutoConfig.from_pretrained(str(model.path), **options)
    # Its own code at the commit of its weights, not as it is today.
    has_code = model.trust_remote_code and "AutoModelForCausalLM" in (getattr(config, "auto_map", None) or {})
    code = {"code_revision": model.revision} if has_code else {}
    # Buffers are computed, not stored: they stay real.
    with init_empty_weights(include_buffers=False):
        empty = AutoModelForCausalLM.from_config(config, dtype=dtype, trust_remote_code=model.trust_remote_code, **code)
    empty.tie_weights()  # each parameter was moved to the meta device by itself
    with suppress(OSError):  # it has none
        empty.generation_config = GenerationConfig.from_pretrained(str(model.path), **options)
    return empty


@contextmanager
def stored_weights(model: Model, names: Collection[str]) -> Iterator[Mapping[str, Any]]:
    """A base model's tensors by name, each to be sliced along its first dimension, which reads only these rows.

    Args:
        model: Where they are.
        names: Of the parameters that will be asked for. If the files call one differently, transformers loads the
            model as a whole on this process instead.
    """
    with ExitStack() as stack:
        tensors = _open(model_folder(model), stack)
        if missing := sorted(set(names) - tensors.keys()):
            _LOG.warning(
                f"models.{model.name}: its files do not name {missing[0]} and {len(missing) - 1} other weights as its "
                "code does: every process loads the whole model in host memory first"
            )
            tensors = dict(load_model(model).state_dict())
        yield tensors


def first_rows(tensors: Mapping[str, Any], name: str, rows: slice, shape: "torch.Size", model: Model) -> "torch.Tensor":
    """Some rows of one tensor. StudyError if the tensor has another shape than the model's code expects."""
    stored = tensors[name]
    found = tuple(stored.get_shape() if hasattr(stored, "get_shape") else stored.shape)
    if found != tuple(shape):
        raise StudyError(
            f"{model.path}: its weight {name} has the shape {found}, expected {tuple(shape)} as its config.json says",
            field=f"models.{model.name}.path",
        )
    return stored[rows]


def _open(folder: Path, stack: ExitStack) -> dict[str, Any]:
    from safetensors import safe_open

    tensors: dict[str, Any] = {}
    index = folder / "model.safetensors.index.json"
    # Some folders hold the weights a second time, in one file, in the names of another library.
    single = folder / "model.safetensors"
    files = [single] if single.is_file() and not index.is_file() else sorted(folder.glob("model*.safetensors"))
    for file in files:
        opened = stack.enter_context(safe_open(str(file), framework="pt"))
        tensors |= {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118  it is no mapping
    return tensors
