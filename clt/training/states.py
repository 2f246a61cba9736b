"""Resume states as store artifacts: safetensors and JSON, nothing pickled.

Each process that keeps a shard publishes it at KEY/states/STEP/RUN-NUMBER. Last the main process publishes
KEY/states/STEP itself, which names the shards: state.json (step, scheduler, checkpoints so far) and metrics.jsonl so
far. Random numbers need no state: every step is seeded by its number, which also gives its rows.
"""

import json
import logging
import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from clt.errors import StoreError
from clt.store import ArtifactFile, CheckpointMetadata, Manifest, StateMetadata, StepMetrics, Store
from clt.training.processes import Processes
from clt.training.state_shards import TrainState, fill, own_tensors

_LOG = logging.getLogger("clt.training")


class States:
    """The resume states of one training; only the newest is kept."""

    def __init__(self, store: Store, training_key: str, processes: Processes) -> None:
        self._store, self._place, self._processes = store, f"{training_key}/states", processes
        # The shards of a state are of one run: what an earlier one left unfinished is never named.
        self._run = processes.shared(uuid.uuid4().hex[:8])
        self.saved: str | None = None  # the key of the newest state in the store

    def load(self, state: TrainState, *, before: float = math.inf) -> None:
        """Continue from the newest state of a step `before` that one, if there is one: fills a fresh `state`.

        Raises:
            StoreError: The state is damaged, or a shard of it missing.
        """
        there = self._all()
        left = {key: manifest for key, manifest in there.items() if _step(key) < before}
        if self._processes.is_main:
            for key in there.keys() - left.keys():  # whose steps are done again
                self._drop(key, "its steps are done again", only=there[key])
        self.saved = self._processes.shared(max(left, default=None))
        if self.saved is None:
            return
        if self._processes.is_main:
            for key in left.keys() - {self.saved}:  # of a process that was killed before it could drop them
                self._drop(key, f"superseded by {self.saved}", only=left[key])
            self._remove_shards(but=self.saved)
        folder, about = self._store.fetch(self.saved), StateMetadata.read(self._store, self.saved)
        assert about is not None, "it has just been fetched"
        facts = json.loads((folder / ArtifactFile.STATE).read_text(encoding="utf-8"))
        fill(state, self._store, about.shards, self._processes)
        state.scheduler.load_state_dict(facts["scheduler"])
        for group, learning_rate in zip(state.optimizer.param_groups, state.scheduler.get_last_lr(), strict=True):
            group["lr"] = learning_rate
        lines = (folder / ArtifactFile.METRICS).read_text(encoding="utf-8").splitlines()
        state.metrics = [StepMetrics(**json.loads(line)) for line in lines]
        state.checkpoints = [CheckpointMetadata(**checkpoint) for checkpoint in facts["checkpoints"]]

    def stage(self, state: TrainState) -> "StagedState":
        """Copy the state after the last step of its metrics."""
        step = state.metrics[-1].step
        key = f"{self._place}/{step:08d}"
        shards = [f"{key}/{self._run}-{number:05d}" for number in range(self._processes.shards)]
        facts = {
            "step": step,
            "scheduler": state.scheduler.state_dict(),
            "checkpoints": [checkpoint.model_dump() for checkpoint in state.checkpoints],
        }
        texts = {ArtifactFile.STATE: json.dumps(facts), ArtifactFile.METRICS: to_jsonl(state.metrics)}

        def publish() -> None:
            with self._store.writer(key) as attempt:
                for name, text in texts.items():
                    (attempt.path / name).write_text(text, encoding="utf-8")
                StateMetadata(step=step, shards=shards).write(attempt)

        shard = self._shard(shards[self._processes.shard], state) if self._processes.keeps_shard else None
        return StagedState(key=key, publish_shard=shard, publish=publish)

    def _shard(self, key: str, state: TrainState) -> Callable[[], None]:
        tensors = staged(own_tensors(state))

        def publish() -> None:
            with self._store.writer(key) as attempt:
                try:
                    save_file(tensors, attempt.path / ArtifactFile.TENSORS)
                except SafetensorError as error:  # what it makes of a full disk
                    raise StoreError(f"{key}: cannot be written: {error}") from error

        return publish

    def supersede(self, key: str) -> None:
        """From now on this state is the newest; the main process drops the one before."""
        before, self.saved = self.saved, key
        if before is not None and before != key and self._processes.is_main:
            self.let_go(before, f"superseded by {key}")

    def let_go(self, key: str, reason: str) -> None:
        """Drop a state, or what there is of it; what cannot be deleted now goes at the next start or at the end."""
        try:
            self._drop(key, reason)
        except StoreError as error:
            _LOG.warning(f"{key}: cannot be deleted ({error}); it goes later")

    def prune(self, reason: str) -> None:
        """Remove all states, and shards that no state names."""
        for key, manifest in self._all().items():
            self._drop(key, reason, only=manifest)
        self._remove_shards()

    def _remove_shards(self, but: str | None = None) -> None:
        """Remove the shards of all states, or of all but one: their processes were killed before it was complete."""
        for key in self._store.keys(self._place):
            if _is_shard(key) and key.rpartition("/")[0] != but:
                self._store.remove(key, only=self._store.manifest(key))

    def _all(self) -> dict[str, Manifest]:
        """The states that are not pruned, by key."""
        manifests = self._store.manifests(key for key in self._store.keys(self._place) if not _is_shard(key))
        return {key: manifest for key, manifest in manifests.items() if manifest.pruned is None}

    def _drop(self, key: str, reason: str, *, only: Manifest | None = None) -> None:
        """The state first: without its shards it would be damaged."""
        if self._store.manifest(key) is not None:
            self._store.prune(key, reason, only=only)
        for shard in self._store.keys(key):
            if _is_shard(shard):
                self._store.remove(shard, only=self._store.manifest(shard))


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedState:
    """A copy of a state that later steps leave alone."""

    key: str
    publish_shard: Callable[[], None] | None  # this process's, if it keeps one
    publish: Callable[[], None]  # the state itself, by the main process, once all shards stand


def staged(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Copies in host memory that the next step does not change.

    Not in pinned memory, whose every piece torch rounds up to a power of two: for 32B that is 1.8 times as much.
    """
    return {
        name: torch.empty_like(values, device="cpu", memory_format=torch.contiguous_format).copy_(values)
        for name, values in tensors.items()
    }


def to_jsonl(metrics: Sequence[StepMetrics]) -> str:
    """A line a step; JSON has no NaN, and none comes here: a loss that is not finite ends the training."""
    return "".join(json.dumps(line.model_dump(), allow_nan=False) + "\n" for line in metrics)


def _is_shard(key: str) -> bool:
    return "/states/" in key and "/" in key.rpartition("/states/")[2]


def _step(state_key: str) -> int:
    return int(state_key.rpartition("/")[2])
