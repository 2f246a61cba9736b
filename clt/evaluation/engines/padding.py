"""Token rows of different lengths as one rectangle, padded on the left: all rows end in the last column."""

from collections.abc import Iterator, Sequence

import torch


def left_padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, mask and positions, int64 (rows, longest) each; what is padded has mask and position 0.

    The padding's id is 0 and never seen: it is masked by position, as the stop token may well be the padding token.
    """
    width = max(map(len, rows))
    ids = torch.tensor([[0] * (width - len(row)) + [*row] for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
    return ids.to(device), mask.to(device), positions.to(device)


def batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """The indices of all rows, longest first, `size` at a time: little padding, and memory fails at once or never."""
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    for start in range(0, len(order), size):
        yield order[start : start + size]
