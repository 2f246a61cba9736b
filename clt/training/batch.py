"""From rows to the tensors of one forward pass: rows end to end without padding, or padded where a model needs that."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from clt.training.data import TokenRow

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Rows as a model takes them. No attention mask: packed rows are told apart by their bounds, padding is on the
    right, where a causal model's real tokens never see it.
    """

    # Keyword arguments of the model. input_ids: int64, packed (1, tokens), padded (rows, longest row). Packed also
    # position_ids: int64, (1, tokens), from 0 in every row; cu_seq_lens_q: int32, (rows + 1,), where rows begin and the
    # last one ends; max_length_q: tokens of the longest row, known without asking a device.
    inputs: dict[str, torch.Tensor | int]
    positions: torch.Tensor  # int64, (answer tokens,): into the flattened input, the token before each answer token
    targets: torch.Tensor  # int64, (answer tokens,): the answer tokens, stop tokens included

    def to(self, device: torch.device) -> "Batch":
        """The same on a device; the host does not wait for the copy to an accelerator."""
        inputs = {
            name: _copy(value, device) if isinstance(value, torch.Tensor) else value
            for name, value in self.inputs.items()
        }
        return Batch(inputs=inputs, positions=_copy(self.positions, device), targets=_copy(self.targets, device))


def collate(rows: Sequence[TokenRow], packed: bool) -> Batch:
    """One batch of at least one row, on the CPU. What padding holds does not matter: `positions` skip it."""
    lengths = np.array([len(row.ids) for row in rows])
    longest = int(lengths.max())
    ends = lengths.cumsum()
    starts = ends - lengths if packed else np.arange(len(rows)) * longest
    offsets = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)  # of every token in its row
    tokens = np.concatenate([row.ids for row in rows])
    inputs: dict[str, torch.Tensor | int]
    if packed:
        inputs = {
            "input_ids": torch.from_numpy(tokens[None]),
            "position_ids": torch.from_numpy(offsets[None]),
            "cu_seq_lens_q": torch.from_numpy(np.concatenate([[0], ends]).astype(np.int32)),
            "max_length_q": longest,
        }
    else:
        ids = np.zeros((len(rows), longest), dtype=np.int64)
        ids.flat[np.repeat(starts, lengths) + offsets] = tokens
        inputs = {"input_ids": torch.from_numpy(ids)}
    answers = offsets >= np.repeat([row.answer_start for row in rows], lengths)
    positions = (np.repeat(starts, lengths) + offsets)[answers] - 1
    return Batch(inputs=inputs, positions=torch.from_numpy(positions), targets=torch.from_numpy(tokens[answers]))


def prefetched(make: Callable[[Item], Made], items: Iterable[Item], device: torch.device) -> Iterator[Made]:
    """What `make` makes of every item, in order; the next one is made while an accelerator computes with the present.

    A CPU has nothing to wait for, and makes each when its turn comes.

    Args:
        make: Called on another thread if the device is no CPU.
        items: Read one ahead.
        device: Where what is made is used.
    """
    if device.type == "cpu":
        yield from map(make, items)
        return
    # A new thread begins on the first accelerator, and would leave a context there.
    with ThreadPoolExecutor(1, initializer=torch.cuda.set_device, initargs=(torch.cuda.current_device(),)) as thread:
        yield from one_ahead(make, items, thread)


def one_ahead(make: Callable[[Item], Made], items: Iterable[Item], thread: ThreadPoolExecutor) -> Iterator[Made]:
    """What `make` makes of every item, in order, on the thread, which is always one ahead of the caller."""
    ahead = None
    for item in items:
        present, ahead = ahead, thread.submit(make, item)
        if present is not None:
            yield present.result()
    if ahead is not None:
        yield ahead.result()


def _copy(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)
