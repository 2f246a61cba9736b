"""What a study costs and could find, before anyone pays for it; and the step that puts its record into the store."""

from clt.planning.comparable_pairs import ComparablePair, CurveDesign, comparable_pairs
from clt.planning.cost import CellCost, optimizer_steps
from clt.planning.model_inspection import inspect_model
from clt.planning.outlook import Outlook, StepOutlook
from clt.planning.planner import Plan, check_limits, declared_facts, declared_record, default_workers, make_plan
from clt.planning.power import POWER_ASSUMPTIONS, Detectable
from clt.planning.preview import plan_selected, preview_plan, read_study
from clt.planning.step import plan_study

__all__ = [
    "POWER_ASSUMPTIONS",
    "CellCost",
    "ComparablePair",
    "CurveDesign",
    "Detectable",
    "Outlook",
    "Plan",
    "StepOutlook",
    "check_limits",
    "comparable_pairs",
    "declared_facts",
    "declared_record",
    "default_workers",
    "inspect_model",
    "make_plan",
    "optimizer_steps",
    "plan_selected",
    "plan_study",
    "preview_plan",
    "read_study",
]
