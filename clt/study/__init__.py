"""The vocabulary of the system: the study file, its cells, their keys, languages and metrics."""

from clt.languages import canonical_language, canonical_or_same, is_known, is_latin, language_name, script
from clt.metrics import METRICS, MetricKind
from clt.study.baseline_spec import Baseline, Keep, Webhook
from clt.study.cell_filter import select_cells
from clt.study.durations import format_duration
from clt.study.endpoint_spec import SERVERS, SERVERS_VARIABLE, Endpoint, Judge, Server
from clt.study.facts import DrawFacts, Facts, ModelFacts, SourceFacts, draw_name
from clt.study.fields import Setting, is_name
from clt.study.grid import Cell, Exposure, Grid, Point, Role, expand, task_rows, task_validation
from clt.study.judge_identity import is_judged, judge_identity, judgement_key
from clt.study.judge_prompts import JudgePrompt, judge_prompt
from clt.study.load import is_inline, load_document, load_study, written_values
from clt.study.memory import (
    ACCELERATOR_RESERVE,
    ACCELERATOR_TOKENS,
    CHUNK_LOGITS,
    CHUNK_TOKENS,
    COMFORTABLE,
    CPU_TOKENS,
    VALUE_BYTES,
    TrainingMemory,
    checkpoints_activations,
    tokens_at_once,
    trained_parameters,
    training_memory,
)
from clt.study.mixture_spec import Languages, Mixture
from clt.study.model_shape import ModelShape, read_shape
from clt.study.pod_patch import pod_problems
from clt.study.record import FORMATS, Answer, Identity, StudyRecord, checkpoint_key
from clt.study.resolve import HUB_ID, demo_folder, is_commit, is_hub_id, is_object, require_commits, resolve
from clt.study.resources import Limits, ModelResources, Placement, Resources, Toleration
from clt.study.sizes import format_size, parse_size
from clt.study.source_spec import Format, Source
from clt.study.spec import Lora, Model, Study
from clt.study.step_spec import Evaluation, Every, Training
from clt.study.task_spec import Choices, Shots, Split, Task, in_language

__all__ = [
    "ACCELERATOR_RESERVE",
    "ACCELERATOR_TOKENS",
    "CHUNK_LOGITS",
    "CHUNK_TOKENS",
    "COMFORTABLE",
    "CPU_TOKENS",
    "FORMATS",
    "HUB_ID",
    "METRICS",
    "SERVERS",
    "SERVERS_VARIABLE",
    "VALUE_BYTES",
    "Answer",
    "Baseline",
    "Cell",
    "Choices",
    "DrawFacts",
    "Endpoint",
    "Evaluation",
    "Every",
    "Exposure",
    "Facts",
    "Format",
    "Grid",
    "Identity",
    "Judge",
    "JudgePrompt",
    "Keep",
    "Languages",
    "Limits",
    "Lora",
    "MetricKind",
    "Mixture",
    "Model",
    "ModelFacts",
    "ModelResources",
    "ModelShape",
    "Placement",
    "Point",
    "Resources",
    "Role",
    "Server",
    "Setting",
    "Shots",
    "Source",
    "SourceFacts",
    "Split",
    "Study",
    "StudyRecord",
    "Task",
    "Toleration",
    "Training",
    "TrainingMemory",
    "Webhook",
    "canonical_language",
    "canonical_or_same",
    "checkpoint_key",
    "checkpoints_activations",
    "demo_folder",
    "draw_name",
    "expand",
    "format_duration",
    "format_size",
    "in_language",
    "is_commit",
    "is_hub_id",
    "is_inline",
    "is_judged",
    "is_known",
    "is_latin",
    "is_name",
    "is_object",
    "judge_identity",
    "judge_prompt",
    "judgement_key",
    "language_name",
    "load_document",
    "load_study",
    "parse_size",
    "pod_problems",
    "read_shape",
    "require_commits",
    "resolve",
    "script",
    "select_cells",
    "task_rows",
    "task_validation",
    "tokens_at_once",
    "trained_parameters",
    "training_memory",
    "written_values",
]
