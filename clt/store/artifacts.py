"""What the steps leave in a store: the names of the files, and the metadata of the manifests.

Written by one step and read by others (evaluation, statistics, status, Kubeflow's page), so both stand here once. A
field that is added needs a default: artifacts that are complete are read as they are. A file or a field that changes
its meaning raises the format version of its step in `clt.study.record`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clt.errors import StoreError
from clt.store.manifest import Manifest
from clt.store.store import Attempt, Store

MAX_EXAMPLES = 5  # of rows left out that a manifest names


class ArtifactFile(StrEnum):
    RECORD = "record.json"  # of a plan
    STUDY = "study.yaml"  # of a plan: the study file as it was written
    INDEX = "entries.npy"  # of a source
    COMPARED = "compared.npy"  # of a source: rows that were compared with the test items
    REASONS = "reasons.json"  # of a source: those that hold one, and why
    DRAWS = "draws.json"  # of a source: DrawFacts by name
    ITEMS = "items.jsonl"
    SHOTS = "shots.jsonl"  # beside a task's items, where it has examples
    TRAIN = "train.jsonl"  # of a mixture
    VALIDATION = "validation.jsonl"  # of a mixture
    METRICS = "metrics.jsonl"  # of a training and of a resume state: a StepMetrics a line
    TENSORBOARD = "tensorboard"  # of a training: a folder of event files
    STATE = "state.json"  # of a resume state
    TENSORS = "state.safetensors"  # of a resume state
    ANSWERS = "answers.parquet"  # of a checkpoint, in one task and language
    JUDGEMENTS = "judgements.parquet"  # of a judge, on the answers of a checkpoint in one task and language
    SCORES = "scores.parquet"  # of an evaluated checkpoint
    PREDICTIONS = "predictions.parquet"  # of an evaluated checkpoint


class Metadata(BaseModel):
    """The metadata of one kind of artifact."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls, store: Store, key: str) -> Self | None:
        """The metadata of a complete key (of a pruned one too), None if the key is not complete.

        Raises:
            StoreError: another version of the library wrote it.
        """
        manifest = store.manifest(key)
        return None if manifest is None else cls.of(manifest)

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """The metadata in a manifest; StoreError as for `read`."""
        try:
            return cls.model_validate(manifest.metadata)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise StoreError(
                f"{manifest.key}: metadata.{where}: {first['msg']}: this artifact was written by another version; "
                "delete it and run again: it is made anew"
            ) from None

    def write(self, attempt: Attempt) -> None:
        """Put this into the manifest that the attempt is going to have."""
        attempt.metadata.update(self.model_dump())


@dataclass(kw_only=True)
class LeftOutRows:
    """How many rows were left out for one reason, and the first few of them."""

    count: int = 0
    examples: list[str] = field(default_factory=list)  # at most MAX_EXAMPLES: `file:line`, or ids

    def add(self, example: str) -> None:
        self.count += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(example)


LeftOut = dict[str, LeftOutRows]  # by reason


class StudyMetadata(Metadata):
    """A planned study."""

    wants_other_weights: bool = True  # than selected ones; a plan that does not say may well do


class ModelMetadata(Metadata):
    """A hub model's files at a commit."""

    hub: str  # its id
    commit: str
    parameters: int


class IndexMetadata(Metadata):
    """The index of one language of a source."""

    mean_bytes: float  # UTF-8 bytes of the columns in prompt and answer a row
    numbered: bool  # ids are row numbers
    skipped: LeftOut


class ItemsMetadata(Metadata):
    """The test items of a task."""

    task: str
    counts: dict[str, int]  # by language
    shared_items: int  # ids that all languages have
    skipped: dict[str, LeftOut]  # by language
    sources: dict[str, str]  # language -> checksum


@dataclass(kw_only=True)
class TextFacts:
    """What the texts of one task and language could do to a model; lengths are of UTF-8."""

    longest_prompt_bytes: int = 0
    longest_answer_bytes: int = 0
    special_text: dict[str, int] = field(default_factory=dict)  # "prompt: <eos>" or "answer: <eos>" -> rows


class MixtureMetadata(Metadata):
    """The training and validation rows of a cell."""

    rows: int  # for training
    counts: dict[str, dict[str, int]]  # task -> language -> rows for training
    validation_counts: dict[str, dict[str, int]]
    non_english_share: float  # 0 to 1, of the rows for training
    seed: int
    dropped: dict[str, int]  # by reason
    dropped_rows: dict[str, dict[str, LeftOut]]  # task -> language
    sources: dict[str, str]  # "task/split/language" -> checksum
    ids_sha256: str  # of the training rows' tasks, languages and ids in order
    texts: dict[str, dict[str, TextFacts]] = {}  # task -> language, of the training rows
    decontamination: dict[str, Any]  # task -> by what its rows were compared with test items, and the rule


class CheckpointMetadata(Metadata):
    """The weights after some optimizer steps."""

    step: int
    validation_loss: float  # nats per answer token, the mean over languages
    validation: dict[str, float]  # by language


class StateMetadata(Metadata):
    """What resuming a training needs."""

    step: int  # the last one that is in it
    shards: list[str]  # their keys, in the order of the rows that they hold


class StepMetrics(Metadata):
    """One optimizer step of a training: a line of metrics.jsonl."""

    step: int
    loss: float  # nats per answer token
    grad_norm: float  # before clipping
    learning_rate: float
    tokens: int  # without padding
    answer_tokens: int
    seconds: float
    tokens_per_second: float  # without padding
    mfu: float | None = None  # 0 to 1, of the peak of all accelerators; None on a CPU and where the peak is not known
    peak_memory_bytes: int | None = None  # of an accelerator in this step, of a CPU's process so far; the largest one


class TrainingMetadata(Metadata):
    """A complete training."""

    selected: int  # the step of the lowest validation loss, the earliest of equals
    checkpoints: list[CheckpointMetadata]  # by step
    tokens: int
    padded_because: str | None = None  # why the model cannot take rows end to end, and got padded ones
    truncated: dict[str, int] = Field(default={})  # training rows that lost the beginning of their prompt, by language
    seconds: float | None = None  # of all optimizer steps
    # Of the process that completed it: waiting, loading, validating, saving; training: of all optimizer steps.
    seconds_by_phase: dict[str, float] = Field(default={})
    environment: dict[str, Any] | None = None

    def checkpoint(self, step: int) -> CheckpointMetadata:
        return next(checkpoint for checkpoint in self.checkpoints if checkpoint.step == step)


class ScoreSummary(Metadata):
    """The scores of one task, metric and language."""

    task: str
    metric: str
    language: str
    items: int
    unscored: int  # of the items
    mean: float | None  # None if nothing is scored


class AnswerRates(Metadata):
    """How the answers to one task's items in one language came about; where no texts are written, of texts all is 0."""

    task: str
    language: str
    items: int
    no_answer: int  # empty, or nothing in it that a metric of the task can read
    wrong_language: int  # as language_fidelity has it, whether or not it is a metric of the task
    hit_limit: int  # ended at max_new_tokens
    truncated: int  # their prompt lost its beginning
    lost_examples: int  # their prompt has fewer examples than the study asks for


class AnswersMetadata(Metadata):
    """The answers of one checkpoint in one task and language."""

    cell: str  # that they were made for; others may share them
    step: int
    task: str
    language: str
    kind: str  # a MetricKind
    items: int
    tokens_generated: int  # without stop tokens
    seconds: float
    environment: dict[str, Any]


class JudgementMetadata(Metadata):
    """What a judge said to the answers of one checkpoint in one task and language."""

    task: str
    language: str
    model: str  # as the study names it
    answered_by: list[str]  # as the endpoint names it; several: it changed meanwhile
    prompt: str  # the name of what it was asked
    items: int
    unscored: int  # no reply could be read, or the endpoint refused the item
    calls: int  # that were answered when this was made; what was there already was asked before
    kept: int  # replies that were there already
    prompt_tokens: int  # of all replies
    completion_tokens: int


class EvaluatedCheckpointMetadata(Metadata):
    """All scores of one checkpoint."""

    cell: str
    step: int
    scores: list[ScoreSummary]
    rates: list[AnswerRates] = Field(default=[])  # by task and language
    items: int
    tokens_generated: int  # without stop tokens
    seconds: float  # of its answers and of scoring them
    environment: dict[str, Any]  # of its answers
    judged: list[JudgementMetadata] = []  # by task and language, where a judge rates


class EvaluationMetadata(Metadata):
    """A complete cell."""

    cell: str = ""
    steps: list[int]  # whose checkpoints are evaluated
    selected: int  # one of them
    seconds: float | None = None  # of all evaluated checkpoints
    # Of the process that completed it: waiting, loading, evaluating, saving.
    seconds_by_phase: dict[str, float] = Field(default={})
    environment: dict[str, Any] | None = None
