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
    AnswerRates,
    AnswersMetadata,
    ArtifactFile,
    CheckpointMetadata,
    EvaluatedCheckpointMetadata,
    EvaluationMetadata,
    IndexMetadata,
    ItemsMetadata,
    JudgementMetadata,
    LeftOut,
    LeftOutRows,
    Metadata,
    MixtureMetadata,
    ModelMetadata,
    ScoreSummary,
    StateMetadata,
    StepMetrics,
    StudyMetadata,
    TextFacts,
    TrainingMetadata,
)
from clt.store.atomic_write import disk_errors, replace_file
from clt.store.cache_folder import cache_folder
from clt.store.checksum import checksum
from clt.store.factory import open_store
from clt.store.kept_weights import (
    evaluated_steps,
    gone_steps,
    missing_answers,
    prune_weights,
    wants_every_checkpoint,
    wants_weights,
)
from clt.store.manifest import FileFacts, Manifest
from clt.store.objects import fetch_objects, list_objects
from clt.store.records import publish_record, read_record
from clt.store.store import Attempt, Garbage, Note, State, Store, Unreachable
from clt.store.text import read_text, write_text
from clt.store.verification import Verification, verify
from clt.store.verified_once import fetch_once

__all__ = [
    "MAX_EXAMPLES",
    "AnswerRates",
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
    "JudgementMetadata",
    "LeftOut",
    "LeftOutRows",
    "Manifest",
    "Metadata",
    "MixtureMetadata",
    "ModelMetadata",
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
    "checksum",
    "disk_errors",
    "evaluated_steps",
    "fetch_objects",
    "fetch_once",
    "gone_steps",
    "list_objects",
    "missing_answers",
    "open_store",
    "prune_weights",
    "publish_record",
    "read_record",
    "read_text",
    "replace_file",
    "verify",
    "wants_every_checkpoint",
    "wants_weights",
    "write_text",
]
