"""What a model's own files say of its texts: which tokens end one, and how long one may be."""

from dataclasses import dataclass
from typing import Any

from clt.study import Model


@dataclass(frozen=True, slots=True)
class TextLimits:
    stop_tokens: frozenset[int]  # of its generation config
    positions: int | None  # tokens of a prompt and its answer; None where no limit is known


def limits_of(model: Any) -> TextLimits:
    """Of a loaded model."""
    return _limits(getattr(model, "config", None), getattr(model, "generation_config", None))


def limits_in(folder: str, model: Model) -> TextLimits:
    """Of a model whose weights are not loaded."""
    from transformers import AutoConfig, GenerationConfig

    config = AutoConfig.from_pretrained(folder, trust_remote_code=model.trust_remote_code)
    try:
        generation_config = GenerationConfig.from_pretrained(folder)
    except OSError:  # it has none
        generation_config = GenerationConfig.from_model_config(config)
    return _limits(config, generation_config)


def _limits(config: Any, generation_config: Any) -> TextLimits:
    known = getattr(generation_config, "eos_token_id", None)
    tokens = [known] if isinstance(known, int) else list(known or ())
    positions = getattr(config, "max_position_embeddings", None)
    return TextLimits(frozenset(tokens), positions if isinstance(positions, int) else None)
