"""How much memory a training takes on one accelerator, part by part, from the shape of its model.

Weights, gradients and AdamW's moments are divided over all shards (torch's fully_shard); layers are gathered as they
are computed, one ahead. What a layer holds for its backward pass is counted as Korthikanti et al. 2022 (arXiv
2205.05198, section 4.1) count it, for the layers of Llama and its like: norms in float32, grouped queries, a gated
feed-forward part, attention that stores no matrix of scores. With checkpointing a layer holds its input alone, and one
layer at a time the rest. The loss makes its logits, and the output layer's gradient, in chunks before any layer's.
"""

import math
from dataclasses import dataclass, fields

from clt.study.facts import ModelFacts
from clt.study.model_shape import ModelShape
from clt.study.resources import Placement
from clt.study.spec import Lora, Model, Study
from clt.study.step_spec import Training

STATE_BYTES = 16  # of a trained parameter, all float32: weight, gradient, two moments
REDUCED_BYTES = 4  # of a gradient on its way to its shard, float32
VALUE_BYTES = {"float32": 4, "bfloat16": 2}
LOGIT_BYTES = 8  # a float32 logit, and what its normalizer is summed from
# Logits that the loss holds at once: 2**26 are 256 MiB in float32; fewer tokens than these make poor use of an
# accelerator.
CHUNK_LOGITS, CHUNK_TOKENS = 2**26, 1024
GATHERED_LAYERS = 2  # the one that is computed, and the next
# Of a forward pass, where a study does not say. On a CPU more of it is in the cache then, which made the demo's models
# 1.15 to 1.3 times faster than the whole batch.
ACCELERATOR_TOKENS, CPU_TOKENS = 16384, 2048
COMFORTABLE = 0.9  # of an accelerator: what was measured lay up to 7% above the estimate
ACCELERATOR_RESERVE = 2 * 10**9  # CUDA's context, workspaces and buffers of NCCL; not measured


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingMemory:
    """Bytes on one accelerator while it trains; on a CPU, of one process beside Python and torch."""

    state: int  # its share of what is trained: weights, gradients and moments
    frozen: int  # its share of the weights below a LoRA adapter
    gathered: int  # layers as a whole, while they are computed
    activations: int  # what the forward pass leaves for the backward pass
    working: int  # the larger of what the loss, and what the backward pass of one layer, makes for itself
    reserved: int
    checkpointing: bool

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self) if field.name != "checkpointing")


def training_memory(
    shape: ModelShape, parameters: int, model: Model, training: Training, placement: Placement, *, room: int | None
) -> TrainingMemory:
    """The memory of a training, and whether it checkpoints activations: the trainer asks the same.

    Args:
        shape: Of the model.
        parameters: Of the model, all; if its shape has more, those count.
        model: Its method and adapter.
        training: Precision, tokens at once, and what is said about checkpointing; `auto` is only where the rest would
            not fit into `room`, and where that is not known, on accelerators.
        placement: How many accelerators share the state.
        room: Bytes of one accelerator; None: not known, or a CPU.

    Returns:
        Bytes, by part.
    """
    parameters = max(parameters, shape.parameters)
    if training.activation_checkpointing != "auto":
        return _memory(shape, parameters, model, training, placement, training.activation_checkpointing == "always")
    held = _memory(shape, parameters, model, training, placement, checkpointing=False)
    if placement.on_cpu or (room is not None and held.total <= COMFORTABLE * room):
        return held
    return _memory(shape, parameters, model, training, placement, checkpointing=True)


def checkpoints_activations(study: Study, facts: ModelFacts, model: str) -> bool:
    """Whether the trainings of a model checkpoint activations: what the plan says, the trainer does.

    Where the model's shape is not known, `auto` does on accelerators and does not on a CPU.
    """
    training, placement = study.training, study.placement(model, "training")
    if facts.shape is None:
        wish = training.activation_checkpointing
        return wish == "always" or (wish == "auto" and not placement.on_cpu)
    room = study.resources.room(placement)
    memory = training_memory(facts.shape, facts.parameters, study.model(model), training, placement, room=room)
    return memory.checkpointing


def tokens_at_once(training: Training, placement: Placement) -> int:
    """The most tokens of one forward pass and process: a row that is longer than a micro-batch goes alone."""
    wanted = training.micro_batch_tokens or (CPU_TOKENS if placement.on_cpu else ACCELERATOR_TOKENS)
    share = math.ceil(training.batch_size / placement.processes) * training.max_tokens
    return max(min(wanted, share), training.max_tokens)


def trained_parameters(shape: ModelShape, parameters: int, model: Model) -> int:
    """All of the model's, or those of its adapter: rank x (inputs + outputs) of every matrix that has one."""
    return parameters if model.method == "full" else _adapter_parameters(shape, model.lora)


def _adapter_parameters(shape: ModelShape, lora: Lora) -> int:
    named = lora.target_modules
    sizes = [sum(size) for name, size in shape.matrices.items() if named == "all-linear" or name in named]
    return shape.layers * lora.rank * sum(sizes)


def _memory(
    shape: ModelShape, parameters: int, model: Model, training: Training, placement: Placement, checkpointing: bool
) -> TrainingMemory:
    tokens, value = tokens_at_once(training, placement), VALUE_BYTES[training.precision]
    full, layer = model.method == "full", tokens * _layer_activations(shape, value)
    inputs = tokens * value * shape.hidden_size
    alone = placement.processes == 1 and training.precision == "float32"
    one_layer = (layer if checkpointing else 0) + full * (0 if alone else _layer_gradients(shape, value))
    return TrainingMemory(
        state=STATE_BYTES * trained_parameters(shape, parameters, model) // placement.shards,
        frozen=0 if full else value * parameters // placement.shards,
        gathered=0 if alone else _gathered(shape, value),
        activations=shape.layers * (inputs if checkpointing else layer),
        working=max(_loss(shape, tokens, value, full=full), one_layer),
        reserved=0 if placement.on_cpu else ACCELERATOR_RESERVE,
        checkpointing=checkpointing,
    )


def _gathered(shape: ModelShape, value: int) -> int:
    """Whole weights in the precision of the arithmetic; a process alone in float32 has them in its state."""
    ends = shape.embedding_parameters * (1 if shape.tied else 2)
    return value * (GATHERED_LAYERS * shape.layer_parameters + ends)


def _loss(shape: ModelShape, tokens: int, value: int, *, full: bool) -> int:
    """One chunk's logits; the output layer's whole gradient, summed in float32, and a chunk's part of it."""
    chunk = min(tokens, max(CHUNK_TOKENS, CHUNK_LOGITS // shape.vocabulary))
    return LOGIT_BYTES * chunk * shape.vocabulary + full * (REDUCED_BYTES + value) * shape.embedding_parameters


def _layer_gradients(shape: ModelShape, value: int) -> int:
    """Of one whole layer, as they are made and as they go to their shards; and of a tied output layer, which waits."""
    return (value + REDUCED_BYTES) * shape.layer_parameters + value * shape.tied * shape.embedding_parameters


def _layer_activations(shape: ModelShape, value: int) -> int:
    """Bytes a token that one layer holds for its backward pass.

    Both norms: their input in float32, the normalised values and the output; attention: queries, keys, values, output
    and a float32 sum for each head; feed-forward: gate, its activation, the other half, and their product.
    """
    norms = 2 * (4 + 2 * value) * shape.hidden_size
    attention = 2 * value * (shape.heads + shape.key_value_heads) * shape.head_dim + 4 * shape.heads
    return norms + attention + 4 * value * shape.intermediate_size
