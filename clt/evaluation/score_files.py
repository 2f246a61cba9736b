"""The two files of an evaluated checkpoint: every item's scores, and what the model wrote."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from clt.store import ArtifactFile

SCORE_SCHEMA = pa.schema(
    [
        pa.field("task", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("language", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("score", pa.float64()),  # null: the item cannot be scored
    ]
)
PREDICTION_SCHEMA = pa.schema(
    [
        pa.field("task", pa.string(), nullable=False),
        pa.field("language", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("prediction", pa.string()),  # null: no metric of the task needs one
        pa.field("reference", pa.string(), nullable=False),
        pa.field("extracted", pa.string()),  # what a metric read as the answer; null: nothing, or no metric reads one
        pa.field("tokens", pa.int32()),  # of the prediction, without the stop token; null as it
        pa.field("finish", pa.string()),  # stop, or length: it ended at max_new_tokens; null as it
        pa.field("examples", pa.int32(), nullable=False),  # that stood before the prompt
        pa.field("truncated", pa.bool_(), nullable=False),  # the prompt lost its beginning
    ]
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    task: str
    metric: str
    language: str
    item: str
    score: float  # NaN: the item cannot be scored


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    task: str
    language: str
    item: str
    prediction: str | None = None
    reference: str
    extracted: str | None = None
    tokens: int | None = None
    finish: str | None = None
    examples: int = 0
    truncated: bool = False


def write_scores(path: Path, scores: Iterable[Score]) -> None:
    """Write scores.parquet in the order given; NaN becomes null, so that no reader takes it for a number."""
    rows = [
        {
            "task": score.task,
            "metric": score.metric,
            "language": score.language,
            "item": score.item,
            "score": None if math.isnan(score.score) else score.score,
        }
        for score in scores
    ]
    parquet.write_table(pa.Table.from_pylist(rows, SCORE_SCHEMA), path / ArtifactFile.SCORES, compression="zstd")


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write predictions.parquet in the order given."""
    rows = [{name: getattr(row, name) for name in PREDICTION_SCHEMA.names} for row in predictions]
    parquet.write_table(
        pa.Table.from_pylist(rows, PREDICTION_SCHEMA), path / ArtifactFile.PREDICTIONS, compression="zstd"
    )
