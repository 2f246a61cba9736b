"""The test items of a cell, read from the store and turned into tokens."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clt.errors import DataError, StudyError
from clt.models import Encoder, Example, Prompt
from clt.store import ArtifactFile, Store
from clt.study import Cell, StudyRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    id: str
    language: str
    prompt: str
    reference: str
    choices: tuple[str, ...] = ()
    right: int = 0  # the place of the reference among the choices
    constraints: str = ""  # JSON: what the metric of that name checks
    examples: tuple[Example, ...] = ()  # that stand before the prompt: those of its language


@dataclass(frozen=True, slots=True)
class Asked:
    """The tokens of an item's prompt, and what it lost to fit."""

    ids: list[int]
    examples: int  # that stand before it
    truncated: bool  # without examples it was still too long, and lost its beginning


@dataclass(frozen=True, slots=True)
class Room:
    """How items become tokens."""

    tokens: int  # of prompt and answer together
    as_turns: bool = False  # examples are turns of a conversation


def read_items(store: Store, record: StudyRecord, cell: Cell) -> dict[str, list[Item]]:
    """The items of each task of the cell: languages in the study's order, items in the order of their file.

    Raises StoreError if an items artifact is missing or damaged.
    """
    order = {code: index for index, code in enumerate(record.study.languages.evaluate)}
    items = {}
    for task in cell.tasks:
        folder = store.fetch(record.items_key(task))
        examples = _read_examples(folder)
        with (folder / ArtifactFile.ITEMS).open(encoding="utf-8") as file:
            rows = [_item(json.loads(line), examples) for line in file]
        items[task] = sorted(rows, key=lambda item: order[item.language])
    return items


def _item(row: dict[str, Any], examples: dict[str, tuple[Example, ...]]) -> Item:
    known = row | {"choices": tuple(row.get("choices", ()))}
    return Item(**known, examples=examples.get(row["language"], ()))


def _read_examples(folder: Path) -> dict[str, tuple[Example, ...]]:
    """By language; empty for a task without any."""
    file = folder / ArtifactFile.SHOTS
    found: dict[str, tuple[Example, ...]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        row = json.loads(line)
        found[row["language"]] = (*found.get(row["language"], ()), Example(row["prompt"], row["answer"]))
    return found


def encode_prompts(encoder: Encoder, items: Sequence[Item], space: Room, *, max_new_tokens: int) -> list[Asked]:
    """The prompts to continue; one that is too long with the answer to come loses examples, then its beginning.

    Raises:
        StudyError: There is no room for a prompt, of which the chat template alone may need much.
        DataError: A prompt has no tokens.
    """
    longest = space.tokens - max_new_tokens
    if longest < encoder.least_prompt:
        raise StudyError(
            f"got {space.tokens} (or the model has no more positions), of which an answer gets {max_new_tokens}, "
            f"expected at least {max_new_tokens + encoder.least_prompt}: a prompt with what stands around it needs "
            f"{encoder.least_prompt} tokens",
            field="evaluation.max_tokens",
        )
    return [_asked(encoder, item, longest, space) for item in items]


def encode_answers(
    encoder: Encoder, items: Sequence[Item], answers: Sequence[Sequence[str]], space: Room
) -> tuple[list[Asked], list[list[list[int]]]]:
    """A prompt for each item, and its answers as training has them; one that there is no room for is empty.

    The answers of an item have one prompt, shortened by the longest of them: after others they could not be compared.
    """
    prompts, encoded = [], []
    for item, texts in zip(items, answers, strict=True):
        rows = [encoder.encode_answer(text) if text else [] for text in texts]
        rows = [row if len(row) + encoder.least_prompt <= space.tokens else [] for row in rows]
        encoded.append(rows)
        if any(rows):
            prompts.append(_asked(encoder, item, space.tokens - max(map(len, rows)), space))
        else:  # nothing is asked
            prompts.append(Asked([], len(item.examples), False))
    return prompts, encoded


def _asked(encoder: Encoder, item: Item, longest: int, space: Room) -> Asked:
    """Examples go as wholes, the first first."""
    kept = item.examples
    prompt = _encode(encoder, item, kept, space)
    while kept and len(prompt.ids) > longest:
        kept = kept[1:]
        prompt = _encode(encoder, item, kept, space)
    return Asked(prompt.shortened(longest), len(kept), len(prompt.ids) > longest)


def _encode(encoder: Encoder, item: Item, examples: Sequence[Example], space: Room) -> Prompt:
    prompt = encoder.encode_prompt(item.prompt, examples, as_turns=space.as_turns and bool(examples))
    if not prompt.ids:
        raise DataError(f"test item {item.id!r} in {item.language}: its prompt has no tokens, expected at least one")
    return prompt
