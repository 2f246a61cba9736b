"""Rows of different lengths as one tensor, and where in it the answers are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from clt.training.rows import TokenRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Padded on the right, so a causal model's real tokens never see padding and no attention mask is needed."""

    input_ids: torch.Tensor  # int64, (rows, longest row)
    positions: torch.Tensor  # int64, (answer tokens,): into the flattened input, the token before each answer token
    targets: torch.Tensor  # int64, (answer tokens,): the answer tokens, stop tokens included


def collate(rows: Sequence[TokenRow], device: torch.device) -> Batch:
    """One batch of at least one row. What padding holds does not matter: positions say where the answers are."""
    width = max(len(row.ids) for row in rows)
    ids = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)] = row.ids
    positions = np.concatenate(
        [np.arange(row.answer_start - 1, len(row.ids) - 1) + index * width for index, row in enumerate(rows)]
    )
    targets = np.concatenate([row.ids[row.answer_start :] for row in rows])
    return Batch(
        input_ids=torch.from_numpy(ids).to(device),
        positions=torch.from_numpy(positions).to(device),
        targets=torch.from_numpy(targets).to(device),
    )
