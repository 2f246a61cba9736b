"""Token rows of different lengths as one rectangle, padded on the left: all rows end in the last column."""

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import torch


def left_padded(rows: Sequence[Sequence[int]], device: torch.device) -> dict[str, torch.Tensor]:
    """input_ids, attention_mask and position_ids, int64 (rows, longest); what is padded has mask and position 0.

    The padding's id is 0 and never seen: it is masked by position, as the stop token may well be the padding token.
    """
    width = max(map(len, rows))
    ids = torch.tensor([[0] * (width - len(row)) + [*row] for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
    return {
        "input_ids": ids.to(device),
        "attention_mask": mask.to(device),
        "position_ids": positions.to(device),
    }


def batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """The indices of all rows, longest first, `size` at a time: little padding, and memory fails at once or never."""
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def supported_kwargs(model: Any, **inputs: Any) -> dict[str, Any]:
    """Those of the inputs that the architecture's forward knows (some have no position_ids or logits_to_keep)."""
    inner = model.get_base_model() if hasattr(model, "peft_config") else model
    known = inspect.signature(inner.forward).parameters
    return {name: value for name, value in inputs.items() if name in known}
