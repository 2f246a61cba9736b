"""Weights of a sharded model, in and out: no process but the main one, while it saves, ever has all of them."""

from typing import Any

import torch

from clt.models import first_rows, stored_weights
from clt.study import Model
from clt.training.adapter import first_values, is_adapter
from clt.training.processes import Processes
from clt.training.sharding import like, own_rows, whole


def read_own_rows(network: Any, model: Model, processes: Processes, *, dtype: torch.dtype, seed: int) -> None:
    """Give a model that is cut into shards on the meta device its first weights.

    Args:
        network: Of transformers or peft, as `sharding.shard` left it.
        model: Where the base's weights are.
        processes: Which rows are this one's.
        dtype: Of the base's weights; an adapter is float32.
        seed: Of an adapter's first values.

    Raises:
        StudyError: A weight has another shape than the model's code says.
    """
    parameters = dict(network.named_parameters())
    values: dict[int, torch.nn.Parameter] = {}
    buffers = _stored_buffers(network)
    names = [name for name in (*parameters, *buffers) if not is_adapter(name)]
    with stored_weights(model, {_base_name(name) for name in names}) as stored:
        for name, buffer in buffers.items():
            buffer.copy_(first_rows(stored, _base_name(name), slice(None), buffer.shape, model))
        for name, parameter in parameters.items():
            rows = own_rows(parameter, processes)
            if is_adapter(name):
                own = first_values(name, parameter, seed)[rows]
            else:
                own = first_rows(stored, _base_name(name), rows, parameter.shape, model).to(dtype)
            own = own.to(processes.device).clone(memory_format=torch.contiguous_format)
            values[id(parameter)] = torch.nn.Parameter(like(parameter, own), parameter.requires_grad)
    # One object for all names of a tied weight keeps it one.
    every = network.named_parameters(remove_duplicate=False)
    network.load_state_dict({name: values[id(parameter)] for name, parameter in every}, strict=False, assign=True)
    network.to(processes.device)  # buffers, which were never on the meta device


def gather_weights(network: Any, processes: Processes, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """What a checkpoint holds, by name, as copies on the CPU of the main process; all processes take part.

    All weights in `dtype`, tied ones once, or the adapter's as they are. Other processes get nothing.
    """
    adapted = hasattr(network, "peft_config")
    gathered = {}
    for name, parameter in network.named_parameters():
        if adapted and not is_adapter(name):
            continue
        values = whole(parameter.detach())  # one at a time
        if processes.is_main:
            gathered[name] = values.to("cpu", values.dtype if adapted else dtype, copy=True)
    if processes.is_main and not adapted:
        gathered |= {name: buffer.to("cpu", copy=True) for name, buffer in _stored_buffers(network).items()}
    return gathered


def _stored_buffers(network: Any) -> dict[str, torch.Tensor]:
    """Buffers that checkpoints hold, such as a layer's scale; others are computed."""
    stored = network.state_dict().keys()
    return {name: buffer for name, buffer in network.named_buffers() if name in stored}


def _base_name(name: str) -> str:
    """What the base model calls a parameter of it that has an adapter."""
    return name.removeprefix("base_model.model.").replace(".base_layer.", ".")
