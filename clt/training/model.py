"""The model of a cell before its first step, its optimizer and its schedule."""

from typing import Any

import torch

from clt.errors import CellFailure
from clt.models import load_model
from clt.study import Model, Training
from clt.training.environment import set_seed


def model_to_train(model: Model, training: Training, seed: int) -> Any:
    """The base model ready for training, on the CPU, in training mode.

    Method full: all weights, in float32 also with bfloat16, whose steps would be too coarse for small learning rates
    (the arithmetic is then bfloat16 by autocast). Method lora: the base is frozen in the study's precision, and only a
    float32 adapter is trained; CellFailure if the model has no layers that it names.
    """
    if model.method == "full":
        return load_model(model, precision="float32").train()
    from peft import LoraConfig, get_peft_model

    base = load_model(model, precision=training.precision)
    targets = model.lora.target_modules if isinstance(model.lora.target_modules, str) else [*model.lora.target_modules]
    config = LoraConfig(
        r=model.lora.rank,
        lora_alpha=model.lora.alpha,  # type: ignore[arg-type]
        lora_dropout=model.lora.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    set_seed(seed, "adapter")
    try:
        return get_peft_model(base, config).train()
    except ValueError as error:  # only here are the model's layers known
        raise CellFailure(f"models.{model.name}.lora.target_modules: got {targets!r}: {error}") from error


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
