"""The answers of one checkpoint in one task and language: an artifact of its own below all metrics.

KEY/answers.parquet holds a row an item, in the items' order: `text` that the model wrote, or `bits` that it needs for
the reference. Whoever scores them (a new metric, a mended one) needs no weights.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as parquet

from clt.evaluation.items import Item
from clt.store import ArtifactFile, Store
from clt.study import MetricKind

ITEM = pa.field("item", pa.string(), nullable=False)
SCHEMAS = {
    MetricKind.GENERATED_TEXT: pa.schema([ITEM, pa.field("text", pa.string(), nullable=False)]),
    MetricKind.LIKELIHOOD: pa.schema([ITEM, pa.field("bits", pa.float64())]),  # null: it cannot be asked for
}
Values: TypeAlias = list[str] | list[float | None]  # by item: texts, or bits


def write_answers(path: Path, kind: MetricKind, items: Sequence[Item], values: Values) -> None:
    """Write answers.parquet into a folder: one value an item, in their order."""
    columns = [[item.id for item in items], values]
    parquet.write_table(pa.table(columns, SCHEMAS[kind]), path / ArtifactFile.ANSWERS, compression="zstd")


def read_answers(store: Store, key: str) -> Values:
    """The values of one artifact, in the items' order; StoreError if it is not there or damaged."""
    table = parquet.read_table(store.fetch(key) / ArtifactFile.ANSWERS)
    values: Values = table.column(1).to_pylist()
    return values


def items_of(items: Sequence[Item], language: str) -> list[Item]:
    """The items of one language, in their order."""
    return [item for item in items if item.language == language]
