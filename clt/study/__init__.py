"""The vocabulary of the system: the study file, its cells, their keys, languages and metrics."""

from clt.study.cell_filter import select_cells
from clt.study.durations import format_duration
from clt.study.facts import DrawFacts, Facts, ModelFacts, SourceFacts, draw_name
from clt.study.fields import Setting
from clt.study.grid import Cell, Exposure, Grid, Point, Role, expand, task_rows, task_validation
from clt.study.languages import canonical_language, canonical_or_same, is_known, is_latin, language_name, script
from clt.study.load import is_inline, load_document, load_study
from clt.study.metrics import METRICS, MetricFacts, MetricKind
from clt.study.mixture_spec import Languages, Mixture
from clt.study.pod_patch import pod_problems
from clt.study.record import FORMATS, Answer, Identity, StudyRecord, checkpoint_key
from clt.study.resolve import HUB_ID, demo_folder, is_commit, is_hub_id, require_commits, resolve
from clt.study.resources import Limits, ModelResources, Placement, Resources, Toleration
from clt.study.sizes import format_size, parse_size
from clt.study.spec import Lora, Model, Study
from clt.study.step_spec import Evaluation, Every, Training
from clt.study.task_spec import Format, Source, Task

__all__ = [
    "FORMATS",
    "HUB_ID",
    "METRICS",
    "Answer",
    "Cell",
    "DrawFacts",
    "Evaluation",
    "Every",
    "Exposure",
    "Facts",
    "Format",
    "Grid",
    "Identity",
    "Languages",
    "Limits",
    "Lora",
    "MetricFacts",
    "MetricKind",
    "Mixture",
    "Model",
    "ModelFacts",
    "ModelResources",
    "Placement",
    "Point",
    "Resources",
    "Role",
    "Setting",
    "Source",
    "SourceFacts",
    "Study",
    "StudyRecord",
    "Task",
    "Toleration",
    "Training",
    "canonical_language",
    "canonical_or_same",
    "checkpoint_key",
    "demo_folder",
    "draw_name",
    "expand",
    "format_duration",
    "format_size",
    "is_commit",
    "is_hub_id",
    "is_inline",
    "is_known",
    "is_latin",
    "language_name",
    "load_document",
    "load_study",
    "parse_size",
    "pod_problems",
    "require_commits",
    "resolve",
    "script",
    "select_cells",
    "task_rows",
    "task_validation",
]
