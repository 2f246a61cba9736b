"""From the rows of a mixture to the tensors of a micro-batch: token ids, which rows a step takes, padding."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from clt.errors import DataError
from clt.models import encode_answer, encode_prompt, truncate_prompt
from clt.study import Training

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRow:
    key: str  # task, language and id: unique in a mixture, the same in every mixture that holds the row
    language: str
    ids: np.ndarray  # int64, (tokens,): prompt, answer, stop token
    answer_start: int  # the index of the answer's first token, at least 1

    @property
    def answer_tokens(self) -> int:
        """Tokens that the loss is taken on, the stop token included."""
        return len(self.ids) - self.answer_start


def read_rows(path: Path, tokenizer: "PreTrainedTokenizerBase", max_tokens: int) -> list[TokenRow]:
    """All rows of a jsonl file of a mixture, none longer than `max_tokens`: a longer one loses its prompt's beginning.

    Raises:
        DataError: There are no rows, a prompt is empty, or an answer leaves no token for a prompt.
    """
    with path.open(encoding="utf-8") as file:
        rows = [_row(json.loads(line), path, tokenizer, max_tokens) for line in file]
    if not rows:
        raise DataError(f"{path}: has no rows, expected at least one; check the mixture's counts and what was dropped")
    return rows


def _row(row: dict[str, str], path: Path, tokenizer: "PreTrainedTokenizerBase", max_tokens: int) -> TokenRow:
    key = f"{row['task']}/{row['language']}/{row['id']}"
    answer = encode_answer(tokenizer, row["answer"])
    if len(answer) >= max_tokens:
        raise DataError(
            f"{path}: row {row['id']!r} of task {row['task']} in {row['language']}: its answer has {len(answer)} "
            f"tokens with the stop token, expected fewer than training.max_tokens = {max_tokens}; "
            "raise max_tokens or take the row out of its source"
        )
    prompt = truncate_prompt(encode_prompt(tokenizer, row["prompt"]), max_tokens - len(answer), tokenizer)
    if not prompt:
        raise DataError(f"{path}: row {row['id']!r} of task {row['task']} in {row['language']}: its prompt is empty")
    return TokenRow(
        key=key, language=row["language"], ids=np.asarray(prompt + answer, dtype=np.int64), answer_start=len(prompt)
    )


class BatchSampler:
    """The rows of every optimizer step, as indices: a function of seed and step number alone.

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
        return [self._row_at(position) for position in range(first, min(first + self._batch_size, self.rows))]

    def _row_at(self, position: int) -> int:
        epoch, rank = divmod(position, len(self._keys))
        if epoch != self._epoch:
            self._epoch = epoch
            self._ranked = sorted(range(len(self._keys)), key=lambda index: self._hash(epoch, index))
        return self._ranked[rank]

    def _hash(self, epoch: int, index: int) -> bytes:
        return hashlib.blake2b(f"{self._seed}/{epoch}/{self._keys[index]}".encode(), digest_size=16).digest()


def split_batch(
    batch: Sequence[int], lengths: Sequence[int], micro_batch_size: int | None, process: int, processes: int
) -> list[list[int]]:
    """One process's micro-batches of a global batch, rows of similar length together.

    Every process gets the same number of them, because each one is a forward pass that all take part in; in a small
    last batch some may be empty.

    Args:
        batch: Row indices.
        lengths: Tokens of every row, by row index.
        micro_batch_size: Rows; None is all at once.
        process: From 0.
        processes: How many share the batch.
    """
    ordered = sorted(batch, key=lambda index: (lengths[index], index))
    share = math.ceil(len(ordered) / processes)
    size = min(micro_batch_size or share, share)
    mine = ordered[process::processes]
    return [mine[start : start + size] for start in range(0, share, size)]


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
