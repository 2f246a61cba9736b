"""What a training shows by step, in TensorBoard and trackers: the numbers of metrics.jsonl, and validation losses."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from clt.store import CheckpointMetadata, StepMetrics

SHOWN = ("loss", "grad_norm", "learning_rate", "tokens_per_second", "mfu", "peak_memory_bytes")


def step_scalars(line: StepMetrics) -> dict[str, float]:
    """One step's, by name, without those that are not known."""
    return {f"train/{name}": value for name in SHOWN if (value := getattr(line, name)) is not None}


def checkpoint_scalars(checkpoint: CheckpointMetadata) -> dict[str, float]:
    """Of a checkpoint: the validation loss, and that of each language; nats per answer token."""
    losses = {f"validation/loss/{code}": loss for code, loss in checkpoint.validation.items()}
    return {"validation/mean_loss": checkpoint.validation_loss} | losses


def write_event_files(folder: Path, metrics: Sequence[StepMetrics], checkpoints: Sequence[CheckpointMetadata]) -> None:
    """A folder of event files, as TensorBoard reads them, with all steps in order."""
    from tensorboardX import SummaryWriter

    with SummaryWriter(logdir=str(folder)) as writer:
        for step, scalars in _by_step(metrics, checkpoints):
            for name, value in scalars.items():
                writer.add_scalar(name, value, step)


def _by_step(
    metrics: Sequence[StepMetrics], checkpoints: Sequence[CheckpointMetadata]
) -> Iterator[tuple[int, dict[str, float]]]:
    validated = {checkpoint.step: checkpoint_scalars(checkpoint) for checkpoint in checkpoints}
    for line in metrics:
        yield line.step, step_scalars(line) | validated.get(line.step, {})
