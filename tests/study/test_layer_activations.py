"""What the estimate says that layers hold for their backward pass, against what real ones hold."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from clt.study import Model, ModelShape, Placement, Training, training_memory

SHAPE = ModelShape(
    layers=3, hidden_size=96, intermediate_size=256, heads=4, key_value_heads=4, head_dim=24, vocabulary=64
)
TOKENS = 512


def _held(dtype: torch.dtype) -> int:
    """Bytes of all distinct tensors, but for weights, that autograd keeps of one forward pass."""
    config = LlamaConfig(
        num_hidden_layers=SHAPE.layers,
        hidden_size=SHAPE.hidden_size,
        intermediate_size=SHAPE.intermediate_size,
        num_attention_heads=SHAPE.heads,
        vocab_size=SHAPE.vocabulary,
    )
    model = LlamaForCausalLM(config).to(dtype).train()
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    held: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            held[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = model.model(input_ids=torch.zeros(1, TOKENS, dtype=torch.int64), use_cache=False)
    assert output.last_hidden_state.requires_grad  # and holds what was counted until here
    return sum(held.values())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_layers_hold_what_the_estimate_says(precision: str) -> None:
    training = Training.model_validate({"epochs": 1, "max_tokens": TOKENS, "batch_size": 1, "precision": precision})
    memory = training_memory(SHAPE, SHAPE.parameters, Model(name="own", parameters=1), training, Placement(), room=None)
    assert memory.activations == pytest.approx(_held(getattr(torch, precision)), rel=0.08)  # the last norm is not in it
