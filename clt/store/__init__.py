"""Where every step's output lives: complete with checksums, or invisible. A local folder or a bucket.

    store = open_store("runs/demo")
    with store.writer("mixtures/ab12") as attempt:
        (attempt.path / "train.jsonl").write_text(rows)
        attempt.metadata["rows"] = 300
    folder = store.fetch("mixtures/ab12")

`Store` is the interface; a new kind of store is a class with these methods and a line in `factory`.
"""

from clt.store.artifacts import (
    MAX_EXAMPLES,
    ArtifactFile,
    CheckpointMetadata,
    EvaluatedCheckpointMetadata,
    EvaluationMetadata,
    IndexMetadata,
    ItemsMetadata,
    LeftOut,
    LeftOutRows,
    Metadata,
    MixtureMetadata,
    ScoreSummary,
    StateMetadata,
    StepMetrics,
    TextFacts,
    TrainingMetadata,
)
from clt.store.factory import open_store
from clt.store.manifest import FileFacts, Manifest
from clt.store.records import publish_record, read_record
from clt.store.store import Attempt, Note, State, Store
from clt.store.text import read_text, write_text

__all__ = [
    "MAX_EXAMPLES",
    "ArtifactFile",
    "Attempt",
    "CheckpointMetadata",
    "EvaluatedCheckpointMetadata",
    "EvaluationMetadata",
    "FileFacts",
    "IndexMetadata",
    "ItemsMetadata",
    "LeftOut",
    "LeftOutRows",
    "Manifest",
    "Metadata",
    "MixtureMetadata",
    "Note",
    "ScoreSummary",
    "State",
    "StateMetadata",
    "StepMetrics",
    "Store",
    "TextFacts",
    "TrainingMetadata",
    "open_store",
    "publish_record",
    "read_record",
    "read_text",
    "write_text",
]
