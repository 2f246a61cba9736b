"""The few numbers of a model's config.json that estimates of memory need."""

from collections.abc import Mapping
from typing import Any

from pydantic import PositiveInt

from clt.study.fields import Spec

# Keys of config.json that say that a layer is none of those that the estimates know.
OTHER_LAYERS = ("num_experts", "num_local_experts", "n_routed_experts", "ssm_state_size", "state_size", "kv_lora_rank")
# A config whose layers are others than it seems differs by more than this from what its weights hold.
TOLERATED_DIFFERENCE = 0.2
_NUMBERS = ("layers", "hidden_size", "intermediate_size", "heads", "key_value_heads", "head_dim", "vocabulary")


class ModelShape(Spec):
    layers: PositiveInt
    """`num_hidden_layers`."""
    hidden_size: PositiveInt
    """`hidden_size`."""
    intermediate_size: PositiveInt
    """`intermediate_size`, of a gated feed-forward part (three matrices)."""
    heads: PositiveInt
    """`num_attention_heads`."""
    key_value_heads: PositiveInt
    """`num_key_value_heads`."""
    head_dim: PositiveInt
    """`head_dim`; where config.json has none, `hidden_size` / `num_attention_heads`."""
    vocabulary: PositiveInt
    """`vocab_size`."""
    tied: bool = False
    """`tie_word_embeddings`: the output layer is the embedding."""

    @property
    def matrices(self) -> dict[str, tuple[int, int]]:
        """Inputs and outputs of each linear layer of one layer, by the name that it has in Llama and its like."""
        width, inner = self.hidden_size, self.intermediate_size
        queries, keys = self.heads * self.head_dim, self.key_value_heads * self.head_dim
        return {
            "q_proj": (width, queries),
            "k_proj": (width, keys),
            "v_proj": (width, keys),
            "o_proj": (queries, width),
            "gate_proj": (width, inner),
            "up_proj": (width, inner),
            "down_proj": (inner, width),
        }

    @property
    def layer_parameters(self) -> int:
        """Of one layer; norms and biases, a thousandth of it, are left out."""
        return sum(inputs * outputs for inputs, outputs in self.matrices.values())

    @property
    def embedding_parameters(self) -> int:
        """Of the embedding, and of an output layer that is not tied to it."""
        return self.vocabulary * self.hidden_size

    @property
    def parameters(self) -> int:
        return self.layers * self.layer_parameters + self.embedding_parameters * (1 if self.tied else 2)

    def misfit(self, parameters: int) -> str | None:
        """Why this cannot be the shape of a model with so many parameters; None if it can."""
        if abs(self.parameters - parameters) <= TOLERATED_DIFFERENCE * parameters:
            return None
        return f"layers of such a shape have {self.parameters:,} parameters, the model has {parameters:,}"


def read_shape(config: Mapping[str, Any], parameters: int) -> ModelShape | str:
    """The shape that a config.json describes.

    Args:
        config: Its values; of a model of several modalities, what is in `text_config` counts.
        parameters: Of the weights: a config that cannot be theirs describes layers that the estimates do not know.

    Returns:
        The shape, or why there is none: layers of another kind, or a missing or senseless number.
    """
    text = config["text_config"] if isinstance(config.get("text_config"), Mapping) else config
    if other := [key for key in OTHER_LAYERS if text.get(key)]:
        return f"config.json has {', '.join(other)}: layers of another kind than Llama's"
    heads, width = text.get("num_attention_heads"), text.get("hidden_size")
    derived = width // heads if isinstance(heads, int) and isinstance(width, int) and heads > 0 else None
    values = {
        "num_hidden_layers": text.get("num_hidden_layers"),
        "hidden_size": width,
        "intermediate_size": text.get("intermediate_size"),
        "num_attention_heads": heads,
        "num_key_value_heads": text.get("num_key_value_heads") or heads,
        "head_dim": text.get("head_dim") or derived,
        "vocab_size": text.get("vocab_size") or config.get("vocab_size"),
    }
    if wrong := [key for key, value in values.items() if not isinstance(value, int) or value < 1]:
        return f"config.json has no usable {', '.join(wrong)}"
    numbers = dict(zip(_NUMBERS, values.values(), strict=True))
    shapes = [ModelShape.model_validate(numbers | {"tied": tied}) for tied in _ties(text, config)]
    shape = min(shapes, key=lambda each: abs(each.parameters - parameters))
    misfit = shape.misfit(parameters)
    return shape if misfit is None else f"config.json: {misfit}"


def _ties(*configs: Mapping[str, Any]) -> list[bool]:
    """Whether the output layer is the embedding; both where no config says so, as its default is each family's own."""
    stated = [config["tie_word_embeddings"] for config in configs if config.get("tie_word_embeddings") is not None]
    return [bool(stated[0])] if stated else [True, False]
