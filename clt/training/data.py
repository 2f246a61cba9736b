"""From the rows of a mixture to those of a forward pass: token ids, which rows a step takes, and how it is split."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clt.errors import DataError, StudyError
from clt.models import Encoder
from clt.study import Model, Training


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRow:
    key: str  # task, language and id: unique in a mixture, the same in every mixture that holds the row
    language: str
    ids: np.ndarray  # int64, (tokens,): prompt, answer, stop token
    answer_start: int  # the index of the answer's first token, at least 1
    truncated: bool = False  # the beginning of its prompt is lost

    @property
    def answer_tokens(self) -> int:
        """Tokens that the loss is taken on, the stop token included."""
        return len(self.ids) - self.answer_start


def read_rows(path: Path, encoder: Encoder, max_tokens: int) -> list[TokenRow]:
    """All rows of a jsonl file of a mixture, none longer than `max_tokens`: a longer one loses its prompt's beginning.

    Raises:
        DataError: There are no rows, a prompt is empty, or an answer leaves no token for a prompt.
    """
    with path.open(encoding="utf-8") as file:
        rows = [_row(json.loads(line), path, encoder, max_tokens) for line in file]
    if not rows:
        raise DataError(f"{path}: has no rows, expected at least one; check the mixture's counts and what was dropped")
    return rows


def truncated_prompts(rows: Sequence[TokenRow]) -> dict[str, int]:
    """How many rows lost the beginning of their prompt, by language; languages without any are left out."""
    return dict(Counter(row.language for row in rows if row.truncated))


def _row(row: dict[str, str], path: Path, encoder: Encoder, max_tokens: int) -> TokenRow:
    key = f"{row['task']}/{row['language']}/{row['id']}"
    answer = encoder.encode_answer(row["answer"])
    if len(answer) + encoder.least_prompt > max_tokens:
        raise DataError(
            f"{path}: row {row['id']!r} of task {row['task']} in {row['language']}: its answer has {len(answer)} "
            f"tokens with the stop token, expected at most {max_tokens - encoder.least_prompt}, as a prompt needs "
            f"{encoder.least_prompt} of training.max_tokens = {max_tokens}; "
            "raise max_tokens or take the row out of its source"
        )
    whole, room = encoder.encode_prompt(row["prompt"]), max_tokens - len(answer)
    prompt = whole.shortened(room)
    if not prompt:
        raise DataError(f"{path}: row {row['id']!r} of task {row['task']} in {row['language']}: its prompt is empty")
    return TokenRow(
        key=key,
        language=row["language"],
        ids=np.asarray(prompt + answer, dtype=np.int64),
        answer_start=len(prompt),
        truncated=len(whole.ids) > room,
    )


def check_vocabulary(rows: Iterable[TokenRow], vocabulary: int, model: Model) -> None:
    """Raise StudyError if a row has a token that the model does not know: another model's tokenizer made it."""
    for row in rows:
        if (largest := int(row.ids.max())) >= vocabulary:
            raise StudyError(
                f"its tokenizer makes token {largest} (row {row.key}), and the model knows {vocabulary} tokens, 0 to "
                f"{vocabulary - 1}: tokenizer and weights do not belong together; put the model's own tokenizer beside "
                "its weights, or resize its embeddings",
                field=f"models.{model.name}.path",
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
    batch: Sequence[int], lengths: Sequence[int], tokens: int, process: int, processes: int, *, packed: bool = True
) -> list[list[int]]:
    """One process's micro-batches of a global batch, rows of similar length together.

    Rows are dealt from the longest to the shortest, a round for all processes at a time, back and forth. Several rounds
    are one forward pass as long as the longest rows of each (padded: all as long as the first) stay within `tokens`. So
    every process gets the same number of passes, at least one, with about as many tokens in each, because each is one
    that all take part in; in a small last batch some have no rows.

    Args:
        batch: Row indices, at least one.
        lengths: Tokens of every row, by row index.
        tokens: Of one pass at most, padding included; a longer row goes alone.
        process: From 0.
        processes: How many share the batch.
        packed: Whether rows lie end to end; otherwise they are padded.
    """
    ordered = sorted(batch, key=lambda index: (-lengths[index], index))
    rounds = [ordered[start : start + processes] for start in range(0, len(ordered), processes)]
    split: list[list[int]] = []
    width = used = 0
    for number, dealt in enumerate(rounds):
        longest = lengths[dealt[0]]
        if not split or used + (longest if packed else width) > tokens:
            split.append([])
            width, used = longest, 0
        used += longest if packed else width
        place = process if number % 2 == 0 else processes - 1 - process
        split[-1] += dealt[place : place + 1]
    return split
