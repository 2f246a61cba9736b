"""Tiny random models of the families whose rows are laid end to end, and of some whose rows are not."""

from typing import Any

import torch
import transformers

SIZES = {"vocab_size": 64, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2}
WINDOW = {"sliding_window": 4}  # shorter than the rows

PACKED: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", {}),
    "qwen2": ("Qwen2", {"use_sliding_window": True, "max_window_layers": 1, **WINDOW}),
    "qwen3": ("Qwen3", {"head_dim": 8}),
    "gemma3": ("Gemma3", {"head_dim": 8, "layer_types": ["sliding_attention", "full_attention"], **WINDOW}),
    "cohere": ("Cohere", {"logit_scale": 0.25}),
    "cohere2": ("Cohere2", {"layer_types": ["sliding_attention", "full_attention"], **WINDOW}),
    "mistral": ("Mistral", WINDOW),
}
PADDED: dict[str, tuple[str, dict[str, Any]]] = {
    "gemma2": ("Gemma2", {"head_dim": 8, **WINDOW}),
    "mamba": ("Mamba", {"state_size": 4}),
    "qwen3_next": ("Qwen3Next", {"layer_types": ["linear_attention", "full_attention"], "head_dim": 8}),
}


def architecture(name: str, **options: Any) -> Any:
    """A model of one of the families above, the same at every call, in evaluation mode."""
    family, own = (PACKED | PADDED)[name]
    config = getattr(transformers, f"{family}TextConfig" if family == "Gemma3" else f"{family}Config")
    sizes = SIZES if name == "mamba" else SIZES | HEADS
    torch.manual_seed(0)
    model = getattr(transformers, f"{family}ForCausalLM")(config(**(sizes | own | options)))
    for parameter in model.parameters():  # larger than a fresh model's, so that attention weighs as in a trained one
        if parameter.ndim == 2:
            torch.nn.init.normal_(parameter, std=0.2)
    return model.eval()
