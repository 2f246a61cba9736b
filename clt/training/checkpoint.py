"""Checkpoints and what resuming needs, as store artifacts: safetensors and JSON, nothing pickled.

KEY/checkpoints/STEP holds the weights in the study's precision, for evaluation. KEY/states/STEP holds state.safetensors
(weights.NAME in the precision of training, and exp_avg.NAME, exp_avg_sq.NAME, step.NAME of AdamW, for every trained
parameter), state.json (step, scheduler, checkpoints so far) and metrics.jsonl so far. Random numbers need no state:
every step is seeded by its number, which also gives its rows. The checkpoint is written first: a kill between the two
repeats the steps since the last state and finds the checkpoint there, which stands, and its validation loss with it.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from clt.errors import CellFailure
from clt.models import save_model
from clt.store import ArtifactFile, CheckpointMetadata, Manifest, StateMetadata, StepMetrics, Store
from clt.study import checkpoint_key

MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(kw_only=True, slots=True)
class TrainState:
    """Everything that optimizer steps change."""

    model: Any  # as `model_to_train` made it, not wrapped for several processes
    optimizer: torch.optim.Optimizer
    scheduler: Any
    metrics: list[StepMetrics] = field(default_factory=list)  # of every step so far
    checkpoints: list[CheckpointMetadata] = field(default_factory=list)  # so far
    saved: str | None = None  # the key of the newest state in the store


def save_checkpoint(
    store: Store,
    training_key: str,
    facts: CheckpointMetadata,
    *,
    model: Any,
    tokenizer: Any,
    name: str,
    dtype: torch.dtype,
    again: bool = False,
) -> CheckpointMetadata:
    """Publish the weights; a checkpoint of this step that an interrupted run already published stands.

    Args:
        store: Where to.
        training_key: Of the training.
        facts: Of these weights.
        model: As `model_to_train` made it.
        tokenizer: The model's.
        name: The model's name in the study.
        dtype: Of the saved weights.
        again: Put the weights of a pruned checkpoint back.

    Returns:
        The facts of the checkpoint that stands, whoever published it.

    Raises:
        CellFailure: The pruned checkpoint was another one.
    """
    key = checkpoint_key(training_key, facts.step)
    standing = store.manifest(key)
    if standing is not None and not (again and standing.pruned is not None):
        return CheckpointMetadata.of(standing)
    if standing is not None:
        _require_same(facts, CheckpointMetadata.of(standing), key)
    with store.writer(key) as attempt:
        save_model(model, tokenizer, attempt.path, name=name, dtype=dtype)
        facts.write(attempt)
    published = CheckpointMetadata.read(store, key)  # another process may have been faster
    assert published is not None, f"{key}: it has just been published"
    return published


def _require_same(made: CheckpointMetadata, pruned: CheckpointMetadata, key: str) -> None:
    if made != pruned:
        raise CellFailure(
            f"{key}: these weights were pruned, and training again did not give the same ones: validation loss "
            f"{made.validation_loss!r}, then {pruned.validation_loss!r}. Other hardware or another torch made them "
            "(the training's manifest says which); ask for evaluation.checkpoints: selected and "
            "training.keep_checkpoints: selected, or train these cells anew with a repeat"
        )


def save_state(store: Store, training_key: str, state: TrainState) -> None:
    """Publish the state after the last step of its metrics, then drop the one before it."""
    step = state.metrics[-1].step
    key = f"{training_key}/states/{step:08d}"
    tensors = {}
    for name, parameter in _trained(state.model):
        tensors[f"weights.{name}"] = parameter.detach()
        tensors |= {f"{moment}.{name}": value for moment, value in state.optimizer.state[parameter].items()}
    facts = {
        "step": step,
        "scheduler": state.scheduler.state_dict(),
        "checkpoints": [checkpoint.model_dump() for checkpoint in state.checkpoints],
    }
    with store.writer(key) as attempt:
        save_file(
            {name: value.cpu().contiguous() for name, value in tensors.items()}, attempt.path / ArtifactFile.TENSORS
        )
        (attempt.path / ArtifactFile.STATE).write_text(json.dumps(facts), encoding="utf-8")
        (attempt.path / ArtifactFile.METRICS).write_text(to_jsonl(state.metrics), encoding="utf-8")
        StateMetadata(step=step).write(attempt)
    if state.saved not in (None, key):
        store.prune(state.saved, f"superseded by the state of step {step}")
    state.saved = key


def load_state(store: Store, training_key: str, state: TrainState, *, before: float = math.inf) -> None:
    """Continue from the newest state of a step `before` that one, if there is one: fills a fresh `state`.

    Raises:
        StoreError: The state is damaged.
    """
    left = {key: manifest for key, manifest in _states(store, training_key).items() if _step(key) < before}
    if not left:
        return
    state.saved = max(left)
    for key in left.keys() - {state.saved}:  # of a process that was killed before it could drop them
        store.prune(key, f"superseded by {state.saved}", only=left[key])
    folder = store.fetch(state.saved)
    facts = json.loads((folder / ArtifactFile.STATE).read_text(encoding="utf-8"))
    tensors = load_file(folder / ArtifactFile.TENSORS)
    with torch.no_grad():
        for name, parameter in _trained(state.model):
            parameter.copy_(tensors[f"weights.{name}"])
            moments = {moment: tensors.get(f"{moment}.{name}") for moment in MOMENTS}
            state.optimizer.state[parameter] = {
                moment: value.to(parameter.device) for moment, value in moments.items() if value is not None
            }
    state.scheduler.load_state_dict(facts["scheduler"])
    for group, learning_rate in zip(state.optimizer.param_groups, state.scheduler.get_last_lr(), strict=True):
        group["lr"] = learning_rate
    lines = (folder / ArtifactFile.METRICS).read_text(encoding="utf-8").splitlines()
    state.metrics = [StepMetrics(**json.loads(line)) for line in lines]
    state.checkpoints = [CheckpointMetadata(**checkpoint) for checkpoint in facts["checkpoints"]]


def prune_states(store: Store, training_key: str, *, reason: str) -> None:
    """Remove all states."""
    for key, manifest in _states(store, training_key).items():
        store.prune(key, reason, only=manifest)


def to_jsonl(metrics: Sequence[StepMetrics]) -> str:
    """A line a step; JSON has no NaN, and none comes here: a loss that is not finite ends the training."""
    return "".join(json.dumps(line.model_dump(), allow_nan=False) + "\n" for line in metrics)


def _states(store: Store, training_key: str) -> dict[str, Manifest]:
    """The states that are not pruned, by key."""
    manifests = store.manifests(store.keys(f"{training_key}/states"))
    return {key: manifest for key, manifest in manifests.items() if manifest.pruned is None}


def _step(state_key: str) -> int:
    return int(state_key.rpartition("/")[2])


def _trained(model: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
