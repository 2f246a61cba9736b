"""A LoRA adapter on a frozen model, its first values a function of seed and name alone.

So they do not depend on how many processes draw them, on the mixture, or on which layers come before.
"""

import math
from typing import Any

import torch

from clt.errors import CellFailure
from clt.study import Model
from clt.training.environment import set_seed


def with_adapter(base: Any, model: Model) -> Any:
    """The base frozen, with an adapter of peft in float32; its values are still to be drawn if the base has none.

    CellFailure if the model has no layers that it names.
    """
    from peft import LoraConfig, get_peft_model

    targets = model.lora.target_modules if isinstance(model.lora.target_modules, str) else [*model.lora.target_modules]
    config = LoraConfig(
        r=model.lora.rank,
        lora_alpha=model.lora.alpha,  # type: ignore[arg-type]  # peft says int, and divides it by the rank
        lora_dropout=model.lora.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    try:
        return get_peft_model(base, config)
    except ValueError as error:  # only here are the model's layers known
        raise CellFailure(f"models.{model.name}.lora.target_modules: got {targets!r}: {error}") from error


def is_adapter(name: str) -> bool:
    """Whether a parameter belongs to the adapter, by its name."""
    return ".lora_" in name


def first_values(name: str, parameter: torch.Tensor, seed: int) -> torch.Tensor:
    """The adapter's first values, whole, float32, on the CPU: A as a linear layer begins, B zero (Hu et al. 2021, 4.1).

    Args:
        name: Of the parameter in the model.
        parameter: Its shape.
        seed: Of the cell.
    """
    values = torch.zeros(parameter.shape)
    if ".lora_A." in name or ".lora_embedding_A." in name:
        set_seed(seed, "adapter", name)
        torch.nn.init.kaiming_uniform_(values, a=math.sqrt(5))
    return values
