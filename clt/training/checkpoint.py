"""Checkpoints as store artifacts: KEY/checkpoints/STEP holds the weights in the study's precision, for evaluation.

One that an interrupted run published stands, and its validation loss with it: on a GPU the repeated one is another.
"""

from collections.abc import Callable
from typing import Any

import torch

from clt.errors import CellFailure
from clt.models import Encoder, save_model
from clt.store import CheckpointMetadata, Store, TrainingMetadata
from clt.study import checkpoint_key


class Checkpoints:
    """The checkpoints of one training."""

    def __init__(self, store: Store, training_key: str, *, network: Any, encoder: Encoder, name: str) -> None:
        self._store, self._training_key = store, training_key
        self._network, self._encoder, self._name = network, encoder, name

    def standing(self, step: int) -> CheckpointMetadata | None:
        """The facts of a checkpoint whose weights are in the store."""
        manifest = self._store.manifest(checkpoint_key(self._training_key, step))
        return None if manifest is None or manifest.pruned is not None else CheckpointMetadata.of(manifest)

    def publisher(self, facts: CheckpointMetadata, weights: dict[str, torch.Tensor]) -> Callable[[], None]:
        """What publishes these weights, in a thread if one likes; a checkpoint that stands by then stays."""

        def publish() -> None:
            with self._store.writer(checkpoint_key(self._training_key, facts.step)) as attempt:
                save_model(self._network, weights, self._encoder, attempt.path, name=self._name)
                facts.write(attempt)

        return publish

    def require_same(self, made: CheckpointMetadata) -> None:
        """CellFailure unless training again gave what the complete training has of this step."""
        training = TrainingMetadata.read(self._store, self._training_key)
        assert training is not None, "only checkpoints of a complete training are put back"
        before = training.checkpoint(made.step)
        if made != before:
            raise CellFailure(
                f"{checkpoint_key(self._training_key, made.step)}: these weights were not kept, and training again did "
                f"not give the same ones: validation loss {before.validation_loss!r}, then {made.validation_loss!r}. "
                "Other hardware or another torch made them (the training's manifest says which); ask for "
                "evaluation.checkpoints: selected and training.keep_checkpoints: selected, or train these cells anew "
                "with a repeat"
            )
