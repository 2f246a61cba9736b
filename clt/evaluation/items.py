"""The test items of a cell, read from the store and turned into tokens."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clt.errors import DataError
from clt.models import encode_answer, encode_prompt, truncate_prompt
from clt.store import ArtifactFile, Store
from clt.study import Cell, StudyRecord

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    id: str
    language: str
    prompt: str
    reference: str


def read_items(store: Store, record: StudyRecord, cell: Cell) -> dict[str, list[Item]]:
    """The items of each task of the cell: languages in the study's order, items in the order of their file.

    Raises StoreError if an items artifact is missing or damaged.
    """
    order = {code: index for index, code in enumerate(record.study.languages.evaluate)}
    items = {}
    for task in cell.tasks:
        with (store.fetch(record.items_key(task)) / ArtifactFile.ITEMS).open(encoding="utf-8") as file:
            rows = [Item(**json.loads(line)) for line in file]
        items[task] = sorted(rows, key=lambda item: order[item.language])
    return items


def encode_prompts(
    tokenizer: "PreTrainedTokenizerBase", items: Sequence[Item], *, max_tokens: int, max_new_tokens: int
) -> list[list[int]]:
    """The prompts to continue; what is too long for `max_tokens` with the answer to come loses its beginning."""
    longest = max(1, max_tokens - max_new_tokens)
    return [truncate_prompt(_encode(tokenizer, item), longest, tokenizer) for item in items]


def encode_references(
    tokenizer: "PreTrainedTokenizerBase", items: Sequence[Item], *, max_tokens: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Prompts and reference answers, cut as a training row is; an answer that `max_tokens` cannot hold is empty."""
    prompts, answers = [], []
    for item in items:
        answer = encode_answer(tokenizer, item.reference)
        fits = bool(item.reference) and len(answer) < max_tokens
        answers.append(answer if fits else [])
        prompts.append(truncate_prompt(_encode(tokenizer, item), max_tokens - len(answer) if fits else 1, tokenizer))
    return prompts, answers


def _encode(tokenizer: "PreTrainedTokenizerBase", item: Item) -> list[int]:
    prompt = encode_prompt(tokenizer, item.prompt)
    if not prompt:
        raise DataError(f"test item {item.id!r} in {item.language}: its prompt has no tokens, expected at least one")
    return prompt
