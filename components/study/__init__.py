"""The vocabulary of the system: the study file, its cells, their keys, languages, metrics, plan and cost."""

from components.study.cells import Cell, Exposure, Grid, Point, Role, expand
from components.study.checks import rows_needed
from components.study.choice import select_cells
from components.study.cost import CellCost, cell_cost, optimizer_steps
from components.study.errors import CellFailure, DataError, StoreError, StudyError, UserError
from components.study.fields import Setting
from components.study.hashing import digest, short_hash
from components.study.languages import is_known, is_latin, script
from components.study.load import load_document, load_study
from components.study.metrics import METRICS, MetricFacts
from components.study.models import inspect_model
from components.study.plan import Plan, check_limits, declared_facts, declared_record, make_plan
from components.study.power import POWER_ASSUMPTIONS, Detectable
from components.study.publish import publish_record, read_record
from components.study.record import Facts, ModelFacts, SourceFacts, StudyRecord, checkpoint_key
from components.study.resolve import HUB_ID, demo_folder, is_hub_id, resolve
from components.study.resources import Limits, ModelResources, Placement, Resources
from components.study.sizes import format_size, parse_size
from components.study.spec import Evaluation, Every, Languages, Lora, Mixture, Model, Source, Study, Task, Training

__all__ = [
    "HUB_ID",
    "METRICS",
    "POWER_ASSUMPTIONS",
    "Cell",
    "CellCost",
    "CellFailure",
    "DataError",
    "Detectable",
    "Evaluation",
    "Every",
    "Exposure",
    "Facts",
    "Grid",
    "Languages",
    "Limits",
    "Lora",
    "MetricFacts",
    "Mixture",
    "Model",
    "ModelFacts",
    "ModelResources",
    "Placement",
    "Plan",
    "Point",
    "Resources",
    "Role",
    "Setting",
    "Source",
    "SourceFacts",
    "StoreError",
    "Study",
    "StudyError",
    "StudyRecord",
    "Task",
    "Training",
    "UserError",
    "cell_cost",
    "check_limits",
    "checkpoint_key",
    "declared_facts",
    "declared_record",
    "demo_folder",
    "digest",
    "expand",
    "format_size",
    "inspect_model",
    "is_hub_id",
    "is_known",
    "is_latin",
    "load_document",
    "load_study",
    "make_plan",
    "optimizer_steps",
    "parse_size",
    "publish_record",
    "read_record",
    "resolve",
    "rows_needed",
    "script",
    "select_cells",
    "short_hash",
]
