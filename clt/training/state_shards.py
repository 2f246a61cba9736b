"""The tensors of a resume state: what a process saves of them, and how the rows that it needs come back.

A shard holds weights.NAME in the precision of training, and exp_avg.NAME, exp_avg_sq.NAME and step.NAME of AdamW: one
process's rows of every trained parameter. Whoever resumes reads the shards that have rows of its own: one, if as many
processes go on as there were.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from safetensors import safe_open

from clt.errors import StoreError
from clt.store import ArtifactFile, CheckpointMetadata, StepMetrics, Store
from clt.training.processes import Processes
from clt.training.sharding import like, local, own_rows, shard_rows

MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(kw_only=True, slots=True)
class TrainState:
    """Everything that optimizer steps change."""

    network: Any  # of transformers or peft, possibly in shards
    optimizer: torch.optim.Optimizer
    scheduler: Any
    metrics: list[StepMetrics] = field(default_factory=list)  # of every step so far
    checkpoints: list[CheckpointMetadata] = field(default_factory=list)  # so far

    def trained(self) -> list[tuple[str, torch.nn.Parameter]]:
        """The parameters that steps change, by the network's names."""
        return [(name, parameter) for name, parameter in self.network.named_parameters() if parameter.requires_grad]


def own_tensors(state: TrainState) -> dict[str, torch.Tensor]:
    """This process's shard, by the names in the file: the tensors themselves, no copies."""
    tensors = {}
    for name, parameter in state.trained():
        tensors[f"weights.{name}"] = local(parameter.detach())
        tensors |= {f"{moment}.{name}": local(value) for moment, value in state.optimizer.state[parameter].items()}
    return tensors


@torch.no_grad()
def fill(state: TrainState, store: Store, keys: Sequence[str], processes: Processes) -> None:
    """Set weights and moments from the shards of a state, however many processes saved it.

    Args:
        state: Fresh.
        store: Has the shards.
        keys: Of all shards, in their order.
        processes: Whose rows these are.

    Raises:
        StoreError: A shard is missing, damaged, or of another model.
    """
    with _opened(store, keys) as shards:
        for name, parameter in state.trained():
            rows = own_rows(parameter, processes)
            local(parameter).copy_(shards.rows(f"weights.{name}", rows, parameter))
            moments: dict[str, torch.Tensor] = {}
            for moment in MOMENTS:
                if shards.has(f"{moment}.{name}"):  # none of a weight that no step has reached
                    values = shards.rows(f"{moment}.{name}", rows, parameter).to(processes.device)
                    moments[moment] = like(parameter, values)
            if moments:
                moments["step"] = shards.scalar(f"step.{name}").to(processes.device)
            state.optimizer.state[parameter] = moments


class _Shards:
    def __init__(self, store: Store, keys: Sequence[str], stack: ExitStack) -> None:
        self._store, self._keys, self._stack = store, keys, stack
        self._files: dict[int, Any] = {}

    def has(self, name: str) -> bool:
        return name in self._any().keys()  # noqa: SIM118  a file of safetensors is no mapping

    def scalar(self, name: str) -> torch.Tensor:
        return self._any().get_tensor(name)

    def rows(self, name: str, wanted: slice, parameter: torch.Tensor) -> torch.Tensor:
        """Some rows of one tensor, from all shards that have some of them."""
        parts = [torch.empty(0, *parameter.shape[1:], dtype=parameter.dtype)]
        for index in range(len(self._keys)):
            there = shard_rows(len(parameter), index, len(self._keys))
            first, end = max(wanted.start, there.start), min(wanted.stop, there.stop)
            if first >= end:
                continue
            file = self._file(index)
            self._check(file, index, name, (there.stop - there.start, *parameter.shape[1:]))
            parts.append(file.get_slice(name)[first - there.start : end - there.start])
        return torch.cat(parts)

    def _any(self) -> Any:
        return next(iter(self._files.values()), None) or self._file(0)

    def _file(self, index: int) -> Any:
        if index not in self._files:
            if self._store.manifest(self._keys[index]) is None:
                raise self._error(index, "this shard of a state is missing")
            path = self._store.fetch(self._keys[index]) / ArtifactFile.TENSORS
            self._files[index] = self._stack.enter_context(safe_open(str(path), framework="pt"))
        return self._files[index]

    def _check(self, file: Any, index: int, name: str, expected: tuple[int, ...]) -> None:
        found = tuple(file.get_slice(name).get_shape()) if name in file.keys() else "nothing"  # noqa: SIM118
        if found != expected:
            raise self._error(index, f"{name} has the shape {found}, expected {expected}, as of another model")

    def _error(self, index: int, problem: str) -> StoreError:
        key = self._keys[index]
        states = f"{key.rpartition('/states/')[0]}/states"
        return StoreError(f"{key}: {problem}; delete {states} in the store and run again: the training starts anew")


@contextmanager
def _opened(store: Store, keys: Sequence[str]) -> Iterator[_Shards]:
    with ExitStack() as stack:
        yield _Shards(store, keys, stack)
