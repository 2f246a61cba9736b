"""Checkpoints and what resuming needs, as store artifacts: safetensors and JSON, nothing pickled.

KEY/checkpoints/STEP holds the weights in the study's precision, for evaluation. KEY/states/STEP holds state.safetensors
(weights.NAME in the precision of training, and exp_avg.NAME, exp_avg_sq.NAME, step.NAME of AdamW, for every trained
parameter), state.json (step, scheduler, checkpoints so far) and metrics.jsonl so far. Random numbers need no state:
every step is seeded by its number, which also gives its rows. The checkpoint is written first: a kill between the two
repeats the steps since the last state and finds the checkpoint there.
"""

import json
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from clt.store import Store

MOMENTS = ("exp_avg", "exp_avg_sq", "step")


def save_state(
    store: Store,
    training_key: str,
    *,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    scheduler: Any,
    checkpoints: list[dict[str, Any]],
    metrics: list[dict[str, Any]],
) -> None:
    """Publish the state after the last step of `metrics`, then drop the states before it."""
    step = metrics[-1]["step"]
    key = f"{training_key}/states/{step:08d}"
    tensors = {}
    for name, parameter in _trained(model):
        tensors[f"weights.{name}"] = parameter.detach()
        tensors |= {f"{moment}.{name}": value for moment, value in optimizer.state[parameter].items()}
    facts = {"step": step, "scheduler": scheduler.state_dict(), "checkpoints": checkpoints}
    with store.writer(key) as attempt:
        save_file(
            {name: value.cpu().contiguous() for name, value in tensors.items()}, attempt.path / "state.safetensors"
        )
        (attempt.path / "state.json").write_text(json.dumps(facts), encoding="utf-8")
        (attempt.path / "metrics.jsonl").write_text(to_jsonl(metrics), encoding="utf-8")
        attempt.metadata["step"] = step
    prune_states(store, training_key, keep=key, reason=f"superseded by the state of step {step}")


def load_state(
    store: Store, training_key: str, *, model: torch.nn.Module, optimizer: torch.optim.Optimizer, scheduler: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Continue from the newest state, if there is one: fills model, optimizer and scheduler.

    Returns the checkpoints and the metrics so far. StoreError if the state is damaged.
    """
    keys = _state_keys(store, training_key)
    if not keys:
        return [], []
    folder = store.fetch(keys[-1])
    facts = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / "state.safetensors")
    with torch.no_grad():
        for name, parameter in _trained(model):
            parameter.copy_(tensors[f"weights.{name}"])
            moments = {moment: tensors.get(f"{moment}.{name}") for moment in MOMENTS}
            optimizer.state[parameter] = {
                moment: value.to(parameter.device) for moment, value in moments.items() if value is not None
            }
    scheduler.load_state_dict(facts["scheduler"])
    for group, learning_rate in zip(optimizer.param_groups, scheduler.get_last_lr(), strict=True):
        group["lr"] = learning_rate
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return facts["checkpoints"], [json.loads(line) for line in lines]


def prune_states(store: Store, training_key: str, *, reason: str, keep: str | None = None) -> None:
    """Remove all states but one."""
    for key in _state_keys(store, training_key):
        if key != keep:
            store.prune(key, reason)


def to_jsonl(metrics: list[dict[str, Any]]) -> str:
    """A line a step; JSON has no NaN, and none comes here: a loss that is not finite ends the training."""
    return "".join(json.dumps(line, allow_nan=False) + "\n" for line in metrics)


def _state_keys(store: Store, training_key: str) -> list[str]:
    keys = store.keys(f"{training_key}/states")
    return [key for key in keys if (manifest := store.manifest(key)) is not None and manifest.pruned is None]


def _trained(model: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
