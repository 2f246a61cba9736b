"""Rows of a mixture as token ids."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clt.errors import DataError
from clt.models import encode_answer, encode_prompt, truncate_prompt

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
    """All rows of a jsonl file of a mixture, none longer than `max_tokens`.

    A longer row loses the beginning of its prompt. DataError names a row whose answer leaves no room for a prompt.
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
