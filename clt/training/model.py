"""The model of a cell before its first step, its optimizer and its schedule."""

from typing import Any

import torch

from clt.models import empty_model, load_model
from clt.study import Model, Training
from clt.training.adapter import first_values, is_adapter, with_adapter
from clt.training.loss import AnswerModel
from clt.training.processes import Processes
from clt.training.sharding import shard
from clt.training.weights import read_own_rows


def model_to_train(
    model: Model, training: Training, seed: int, processes: Processes, *, checkpointing: bool = False
) -> AnswerModel:
    """The base model ready for training, on the process's device, in training mode.

    Method full: all weights, in float32 also with bfloat16, whose steps would be too coarse for small learning rates.
    Method lora: the base is frozen in the study's precision, and only a float32 adapter is trained; CellFailure if the
    model has no layers that it names. Where the processes have a mesh the model is cut into shards, and each of them
    reads its own. With `checkpointing` a layer computes its activations again in the backward pass instead of keeping
    them.
    """
    precision = "float32" if model.method == "full" else training.precision
    dtype: torch.dtype = getattr(torch, precision)
    sharded = processes.mesh is not None
    network: Any = empty_model(model, dtype) if sharded else load_model(model, precision=precision)
    if model.method == "lora":
        network = with_adapter(network, model)
    if checkpointing:
        # The reentrant kind needs inputs with gradients, which a frozen embedding does not give.
        network.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    root = AnswerModel(network)
    if sharded:
        shard(root, network, processes, training.precision)
        read_own_rows(network, model, processes, dtype=dtype, seed=seed)
    else:
        for name, parameter in network.named_parameters():
            if is_adapter(name):
                parameter.data.copy_(first_values(name, parameter, seed))
    root.check_rule(torch.zeros(1, 2, dtype=torch.int64, device=processes.device))
    return root.train()


def make_optimizer(model: torch.nn.Module, training: Training) -> torch.optim.AdamW:
    """AdamW over what is trained; weight decay on matrices only, not on norms and biases."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trained if parameter.ndim >= 2], "weight_decay": training.weight_decay},
        {"params": [parameter for parameter in trained if parameter.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=training.learning_rate, fused=True)


def make_scheduler(optimizer: torch.optim.Optimizer, training: Training, steps: int) -> Any:
    """Linear warm-up, then constant, or a cosine that reaches zero after the last of `steps`."""
    from transformers import get_scheduler

    name = "constant_with_warmup" if training.schedule == "constant" else "cosine"
    return get_scheduler(name, optimizer, num_warmup_steps=training.warmup_steps, num_training_steps=steps)
