"""The `training` and `evaluation` of a study file."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from clt.study.endpoint_spec import Server
from clt.study.fields import Count, Spec


class Training(Spec):
    epochs: PositiveFloat | None = None
    """Passes over the mixture; either this or `max_steps`."""
    max_steps: PositiveInt | None = None
    """Optimizer steps; either this or `epochs`."""
    batch_size: PositiveInt = 64
    """Rows per optimizer step, over all processes."""
    micro_batch_tokens: PositiveInt | None = None
    """Tokens per forward pass and process; a longer row goes alone. By default 16384, on a CPU 2048."""
    learning_rate: PositiveFloat = 1e-5
    """Peak learning rate of AdamW."""
    schedule: Literal["constant", "cosine"] = "constant"
    """How the learning rate goes on after the warm-up."""
    warmup_steps: Count = 0
    """Optimizer steps over which the learning rate rises."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """AdamW's weight decay."""
    max_grad_norm: PositiveFloat = 1.0
    """Gradients are scaled down to this norm."""
    max_tokens: PositiveInt = 2048
    """Longest row. Longer ones lose the beginning of their prompt; a row whose answer alone is longer is refused."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the forward pass and of the saved weights."""
    activation_checkpointing: Literal["auto", "always", "never"] = "auto"
    """Whether a layer's inner values are computed again for the backward pass (a third more work, the same results) or
    held. `auto`: only where they would not fit; always on an accelerator of unknown `resources.accelerator_memory`,
    never on a CPU.
    """
    checkpoint_every: PositiveInt = 50
    """Optimizer steps between checkpoints."""
    state_minutes: Annotated[float, Field(ge=0)] = 5.0
    """Minutes between states that a training goes on from after a kill; they go up beside the next steps. 0: as often
    as possible. One is saved too when the cluster ends the job (SIGTERM).
    """
    validation_rows: Annotated[int, Field(ge=1)] = 32
    """Per task and language, never trained on, the same for every n: they select the checkpoint."""
    keep_checkpoints: Literal["selected", "all"] = "selected"
    """Whose weights stay once the scores are complete. The strictest wish of all studies of a store holds."""
    cpu_threads: PositiveInt = 1
    """Threads of a training on a CPU; they are part of what makes its bits."""

    @model_validator(mode="after")
    def _length(self) -> Self:
        if (self.epochs is None) == (self.max_steps is None):
            raise ValueError("expected exactly one of `epochs` and `max_steps`")
        return self


class Every(Spec):
    every: PositiveInt
    """Each k-th checkpoint, and the selected one."""


class Evaluation(Spec):
    checkpoints: Literal["selected", "all"] | Every = "selected"
    """Which checkpoints are scored: `selected`, `all` or `{every: k}`. Where their weights were pruned, a CPU trains
    them again to the same bits; those of an accelerator are refused when the study is planned.
    """
    max_items: PositiveInt | None = None
    """Test items per task and language, the first ones that all languages share; by default all."""
    max_tokens: PositiveInt | None = None
    """Most tokens of a prompt and its answer together, solved examples too; by default `training.max_tokens`."""
    max_new_tokens: PositiveInt = 256
    """Longest answer that is generated: at most half of `max_tokens`."""
    batch_size: PositiveInt = 32
    """Prompts side by side."""
    cpu_threads: PositiveInt = 1
    """Threads of an evaluation on a CPU."""
    engine: Literal["hf"] | Server = "hf"
    """What writes the answers: `hf`, transformers in the job's own process, or a server that is started for every
    checkpoint. Likelihoods and choices are always computed by `hf`.
    """
