"""How well a step uses its accelerators: the share of their peak that the model's arithmetic is, and peak memory."""

import resource
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import torch

# Dense bfloat16 operations a second, without sparsity, by NVIDIA's data sheets of each (A100 2021, H100 and H100 NVL
# 2023 and 2024, H200 2024, GB200 NVL72 and HGX B200 2024; where only the figure with sparsity is given, half of it).
# The first name that is part of `torch.cuda.get_device_name` counts, so the more particular ones come first.
PEAKS = {
    "GB200": 2.5e15,
    "B200": 2.25e15,
    "H200 NVL": 835.5e12,
    "H200": 989e12,  # GH200 too
    "H100 PCIe": 756e12,
    "H100 NVL": 835.5e12,
    "H100": 989e12,
    "A100": 312e12,
}
_SLICE = "MIG"  # of such a part of an accelerator the peak is not known


class Arithmetic:
    """The floating-point operations that a step needs, whatever recomputation does beside.

    As in PaLM (arXiv 2204.02311, appendix B): 2 operations a weight and token forward, 2 for the gradient of its input,
    2 for its own, which a frozen weight has not; and 12 x layers x width a pair of tokens in attention, of which a
    causal model needs half. The output layer sees answer tokens alone, and the embedding only looks up. Sliding windows
    count as if they saw the whole row.

    Args:
        model: Of transformers, with or without an adapter of peft; its parameters may be sharded.
    """

    def __init__(self, model: Any) -> None:
        config = model.config.get_text_config()
        head, embedding = model.get_output_embeddings(), model.get_input_embeddings()
        aside = {id(parameter) for module in (head, embedding) for parameter in module.parameters()}
        self.body = _operations(parameter for parameter in model.parameters() if id(parameter) not in aside)
        self.head = _operations(head.parameters())
        heads = getattr(config, "num_attention_heads", 0)
        width = heads * (getattr(config, "head_dim", None) or config.hidden_size // max(heads, 1))
        self.attention = 12 * config.num_hidden_layers * width // 2
        # Of a mixture of experts a token meets a few only; which weights those are, no configuration says in one way.
        names = ("num_experts", "num_local_experts", "n_routed_experts")
        self.is_known = not any(getattr(config, name, None) for name in names)

    def operations(self, lengths: Sequence[int], answer_tokens: int) -> int:
        """Of one step over rows of so many tokens."""
        pairs = sum(length**2 for length in lengths)
        return self.body * sum(lengths) + self.head * answer_tokens + self.attention * pairs


def mfu(operations: int, seconds: float, peak: float | None, processes: int) -> float | None:
    """Share of the peak of all processes' accelerators, 0 to 1; None where the peak is not known."""
    return None if peak is None else round(operations / seconds / (peak * processes), 4)


def peak_operations(device: torch.device) -> float | None:
    """Dense bfloat16 operations a second of an accelerator; None of a CPU, and of one that is not in the table."""
    if device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(device)
    return None if _SLICE in name else next((peak for part, peak in PEAKS.items() if part in name), None)


def peak_memory_bytes(device: torch.device) -> int:
    """The most memory that tensors had on an accelerator since it was asked before; on a CPU, that the process had."""
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        return peak
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _operations(parameters: Iterable[torch.Tensor]) -> int:
    """A token needs, forward and backward."""
    return sum(parameter.numel() * (6 if parameter.requires_grad else 4) for parameter in parameters)
