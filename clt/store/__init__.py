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
    AnswersMetadata,
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
    StudyMetadata,
    TextFacts,
    TrainingMetadata,
)
from clt.store.cache_folder import cache_folder
from clt.store.factory import open_store
from clt.store.kept_weights import evaluated_steps, gone_steps, missing_answers, prune_weights, wants_weights
from clt.store.manifest import FileFacts, Manifest
from clt.store.records import publish_record, read_record
from clt.store.store import Attempt, Garbage, Note, State, Store, Unreachable
from clt.store.text import read_text, write_text
from clt.store.verification import Verification, verify

__all__ = [
    "MAX_EXAMPLES",
    "AnswersMetadata",
    "ArtifactFile",
    "Attempt",
    "CheckpointMetadata",
    "EvaluatedCheckpointMetadata",
    "EvaluationMetadata",
    "FileFacts",
    "Garbage",
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
    "StudyMetadata",
    "TextFacts",
    "TrainingMetadata",
    "Unreachable",
    "Verification",
    "cache_folder",
    "evaluated_steps",
    "gone_steps",
    "missing_answers",
    "open_store",
    "prune_weights",
    "publish_record",
    "read_record",
    "read_text",
    "verify",
    "wants_weights",
    "write_text",
]
