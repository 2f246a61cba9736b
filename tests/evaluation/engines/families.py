"""Tiny random models: families for every kind of layer of a cache, and two with a cache of their own."""

from typing import Any

import torch
import transformers

VOCABULARY = 64
SIZES = {"vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2}
WINDOW = {
    "head_dim": 8,
    "sliding_window": 4,
    "layer_types": ["sliding_attention", "full_attention"],
}  # shorter than rows
DELTA = {"linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8}
MIXER = {"mamba_n_heads": 8, "mamba_d_head": 8, "mamba_d_state": 4, "mamba_n_groups": 2, "mamba_chunk_size": 4}
MAMBA2 = {"state_size": 4, "num_heads": 8, "head_dim": 8, "n_groups": 2, "chunk_size": 4}

ATTENTION: dict[str, dict[str, Any]] = {
    "Llama": SIZES | HEADS,
    "Bloom": {"vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 2, "n_head": 4},  # ALiBi
    "Mpt": {"vocab_size": VOCABULARY, "d_model": 32, "n_layers": 2, "n_heads": 4, "max_seq_len": 128},  # by column
}
SLIDING: dict[str, dict[str, Any]] = {
    "Gemma3": SIZES | HEADS | WINDOW,
    "GptOss": SIZES | HEADS | WINDOW | {"num_local_experts": 4, "num_experts_per_tok": 2},  # sinks, experts
}
HYBRID: dict[str, dict[str, Any]] = {
    "Qwen3_5": SIZES | HEADS | DELTA | {"head_dim": 8, "layer_types": ["linear_attention", "full_attention"]},
    "Lfm2": SIZES | HEADS | {"layer_types": ["conv", "full_attention"], "block_multiple_of": 8},
    "FalconH1": SIZES | HEADS | MIXER | {"mamba_d_ssm": 64, "head_dim": 8},  # both in every layer
    "Jamba": SIZES
    | HEADS
    | {"attn_layer_period": 2, "attn_layer_offset": 1, "expert_layer_offset": 1, "num_experts": 2}
    | {"mamba_d_state": 4, "mamba_dt_rank": 4, "use_mamba_kernels": False},
}
STATE_SPACE: dict[str, dict[str, Any]] = {
    "Mamba": SIZES | {"state_size": 4},
    "Mamba2": SIZES | MAMBA2,
}
OWN_CACHE: dict[str, dict[str, Any]] = {
    "RecurrentGemma": SIZES | HEADS | {"num_hidden_layers": 3, "lru_width": 32, "attention_window_size": 8},
    "Rwkv": SIZES | {"attention_hidden_size": 32},
}


def family(name: str) -> Any:
    """A model of one of the families above, the same at every call, in evaluation mode."""
    options = (ATTENTION | SLIDING | HYBRID | STATE_SPACE | OWN_CACHE)[name]
    config: Any = getattr(transformers, f"{name}TextConfig", None) or getattr(transformers, f"{name}Config")
    torch.manual_seed(0)
    model = getattr(transformers, f"{name}ForCausalLM")(config(**options))
    for parameter in model.parameters():  # larger than a fresh model's, so that what came before weighs
        if parameter.ndim == 2:
            torch.nn.init.normal_(parameter, std=0.2)
    return model.eval()
