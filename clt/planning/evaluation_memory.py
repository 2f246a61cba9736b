"""How much memory an evaluation takes on one accelerator: weights, the cache of keys and values, one pass of a layer.

A model is spread, layer by layer, over all accelerators of the job, and so is its cache; the pass is on one at a time.
"""

from dataclasses import dataclass

from clt.study import ACCELERATOR_RESERVE, VALUE_BYTES, Model, ModelShape, Placement, Study, trained_parameters

ADAPTER_BYTES = 4  # a LoRA adapter is float32 in every precision


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationMemory:
    """Bytes on one accelerator; on a CPU, of the process beside Python and torch."""

    weights: int
    cache: int  # of keys and values
    activations: int  # of one layer, and the logits of answers
    reserved: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.activations + self.reserved


def evaluation_memory(
    shape: ModelShape, parameters: int, model: Model, study: Study, placement: Placement, *, rows: int
) -> EvaluationMemory:
    """The memory of an evaluation with so many rows of `evaluation.max_tokens` side by side: no row is longer."""
    value, tokens = VALUE_BYTES[study.training.precision], rows * study.evaluated_tokens
    adapter = ADAPTER_BYTES * trained_parameters(shape, parameters, model) if model.method == "lora" else 0
    cached = 2 * value * shape.layers * shape.key_value_heads * shape.head_dim
    passed = value * (4 * shape.hidden_size + 3 * shape.intermediate_size)
    logits = value * rows * study.evaluation.max_new_tokens * shape.vocabulary
    accelerators = placement.accelerators_per_node
    return EvaluationMemory(
        weights=(value * parameters + adapter) // accelerators,
        cache=tokens * cached // accelerators,
        activations=tokens * passed + logits,
        reserved=0 if placement.on_cpu else ACCELERATOR_RESERVE,
    )
