"""Weights, gradients and optimizer states spread over processes: FSDP2, by torch's own `fully_shard`.

A unit is gathered while it computes and let go after that: each layer, the embedding, the output layer. Where the two
share a weight, it stays with what is left over in the root. Weights and reduced gradients are float32; with bfloat16
what a unit computes with is a copy in that type (no autocast, which would keep float32 residuals).
"""

import logging
import math
from typing import Any

import torch
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, Replicate, Shard

from clt.training.processes import Processes

_LOG = logging.getLogger("clt.training")


def shard(root: torch.nn.Module, model: Any, processes: Processes, precision: str) -> None:
    """Cut a model into shards in place, its parameters possibly on the meta device.

    Args:
        root: Calls the model, and has no other parameters.
        model: Of transformers, with or without an adapter of peft.
        processes: With a mesh.
        precision: Of the study.
    """
    assert processes.mesh is not None
    mixed = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
    policy = mixed if precision == "bfloat16" else MixedPrecisionPolicy()
    units = layers(model)
    if not units:
        _LOG.warning(f"{type(model).__name__} names no layers (_no_split_modules): it is gathered as a whole each step")
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    if not _is_tied(embedding, head):
        units += [module for module in (embedding, head) if module is not None]
    for unit in [*units, root]:
        fully_shard(unit, mesh=processes.mesh, mp_policy=policy)


def layers(model: Any) -> list[torch.nn.Module]:
    """The model's layers, as transformers names them: what it never splits over devices."""
    names = set(getattr(model, "_no_split_modules", None) or ())
    return [module for module in model.modules() if type(module).__name__ in names]


def reshard(root: torch.nn.Module) -> None:
    """Let go of what the root has gathered; without a backward pass it would keep it, and some processes alone."""
    if isinstance(root, FSDPModule):
        root.reshard()


def local(values: torch.Tensor) -> torch.Tensor:
    """This process's rows."""
    return values.to_local() if isinstance(values, DTensor) else values


def whole(values: torch.Tensor) -> torch.Tensor:
    """All rows; all processes take part."""
    return values.full_tensor() if isinstance(values, DTensor) else values


def own_rows(parameter: torch.Tensor, processes: Processes) -> slice:
    """Which rows of a parameter this process has."""
    if not isinstance(parameter, DTensor):
        return slice(0, len(parameter))
    return shard_rows(len(parameter), processes.shard, processes.shards)


def shard_rows(rows: int, index: int, shards: int) -> slice:
    """The rows of one of several shards, as `fully_shard` cuts them: like torch.chunk, the last ones may be empty."""
    size = math.ceil(rows / shards)
    return slice(min(index * size, rows), min((index + 1) * size, rows))


def like(parameter: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """This process's rows as a tensor that is spread like a parameter."""
    if not isinstance(parameter, DTensor):
        return rows
    mesh = parameter.device_mesh
    placements = [*[Replicate()] * (mesh.ndim - 1), Shard(0)]
    return DTensor.from_local(rows, mesh, placements, run_check=False, shape=parameter.shape, stride=parameter.stride())


def _is_tied(embedding: Any, head: Any) -> bool:
    return embedding is not None and head is not None and embedding.weight is head.weight
