"""The answers of one checkpoint in one task and language: an artifact of its own below all metrics.

KEY/answers.parquet holds a row an item, in the items' order: what the model wrote and why it ended, or the bits that it
needs for the reference or for each choice; and what the prompt lost to fit. Whoever scores them (a new metric, a
mended one) needs no weights.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as parquet

from clt.evaluation.items import Item
from clt.store import ArtifactFile, Store
from clt.study import MetricKind

_ASKED = [
    pa.field("item", pa.string(), nullable=False),
    pa.field("examples", pa.int32(), nullable=False),  # that stood before its prompt
    pa.field("truncated", pa.bool_(), nullable=False),  # the prompt lost its beginning
]
SCHEMAS = {
    MetricKind.GENERATED_TEXT: pa.schema(
        [
            *_ASKED,
            pa.field("text", pa.string(), nullable=False),
            pa.field("tokens", pa.int32(), nullable=False),  # without the stop token
            pa.field("finish", pa.string(), nullable=False),  # stop, or length: it hit max_new_tokens
        ]
    ),
    MetricKind.LIKELIHOOD: pa.schema([*_ASKED, pa.field("bits", pa.float64())]),  # null: it cannot be asked for
    MetricKind.CHOICES: pa.schema([*_ASKED, pa.field("bits", pa.list_(pa.float64()))]),  # one a choice
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratedText:
    """What the model wrote for an item."""

    examples: int
    truncated: bool
    text: str
    tokens: int
    finish: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceBits:
    """What the model needs for the reference of an item."""

    examples: int
    truncated: bool
    bits: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceBits:
    """What the model needs for each choice of an item."""

    examples: int
    truncated: bool
    bits: list[float | None]


Given: TypeAlias = GeneratedText | ReferenceBits | ChoiceBits
_KINDS: dict[MetricKind, type[Given]] = {
    MetricKind.GENERATED_TEXT: GeneratedText,
    MetricKind.LIKELIHOOD: ReferenceBits,
    MetricKind.CHOICES: ChoiceBits,
}


def write_answers(path: Path, kind: MetricKind, items: Sequence[Item], given: Sequence[Given]) -> None:
    """Write answers.parquet into a folder: one answer an item, in their order."""
    rows = [{"item": item.id, **asdict(answer)} for item, answer in zip(items, given, strict=True)]
    parquet.write_table(pa.Table.from_pylist(rows, SCHEMAS[kind]), path / ArtifactFile.ANSWERS, compression="zstd")


def read_answers(store: Store, key: str, kind: MetricKind) -> list[Given]:
    """The answers of one artifact, in the items' order; StoreError if it is not there or damaged."""
    rows: list[dict[str, Any]] = parquet.read_table(store.fetch(key) / ArtifactFile.ANSWERS).to_pylist()
    return [_KINDS[kind](**{name: value for name, value in row.items() if name != "item"}) for row in rows]


def items_of(items: Sequence[Item], language: str) -> list[Item]:
    """The items of one language, in their order."""
    return [item for item in items if item.language == language]
