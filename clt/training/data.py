"""Which rows an optimizer step sees: a function of seed and position alone, so that a step number says it all."""

import hashlib
import math
from collections.abc import Sequence

from clt.study import Training


class Order:
    """The rows of every optimizer step, as indices.

    Epochs follow each other without a gap, each in an order of its own: rows are ranked by a hash of seed, epoch and
    the row's key. So rows that two mixtures share come in the same order in both, and curves over n differ by the
    rows that were added, not by a reshuffle of the others.
    """

    def __init__(self, keys: Sequence[str], seed: int, training: Training) -> None:
        self._keys, self._seed, self._batch_size = keys, seed, training.batch_size
        if training.max_steps is not None:
            self.rows = training.max_steps * training.batch_size
        else:
            assert training.epochs is not None
            self.rows = max(1, round(training.epochs * len(keys)))
        self.steps = math.ceil(self.rows / training.batch_size)
        self._epoch, self._ranked = -1, list[int]()

    def batch(self, step: int) -> list[int]:
        """The rows of a step (1 to `steps`); the last one is smaller if epochs are set and do not fill it."""
        assert 1 <= step <= self.steps, step
        first = (step - 1) * self._batch_size
        return [self._at(place) for place in range(first, min(first + self._batch_size, self.rows))]

    def _at(self, place: int) -> int:
        epoch, rank = divmod(place, len(self._keys))
        if epoch != self._epoch:
            self._epoch = epoch
            self._ranked = sorted(range(len(self._keys)), key=lambda index: self._hash(epoch, index))
        return self._ranked[rank]

    def _hash(self, epoch: int, index: int) -> bytes:
        return hashlib.blake2b(f"{self._seed}/{epoch}/{self._keys[index]}".encode(), digest_size=16).digest()


def split_batch(
    batch: Sequence[int], lengths: Sequence[int], micro_batch_size: int | None, process: int, processes: int
) -> list[list[int]]:
    """One process's micro-batches of a global batch, rows of similar length together (`lengths` by row index).

    Every process gets the same number of them, because each one is a forward pass that all take part in; in a small
    last batch some may be empty.
    """
    ordered = sorted(batch, key=lambda index: (lengths[index], index))
    share = math.ceil(len(ordered) / processes)
    size = min(micro_batch_size or share, share)
    mine = ordered[process::processes]
    return [mine[start : start + size] for start in range(0, share, size)]
