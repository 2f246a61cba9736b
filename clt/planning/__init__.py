"""What a study costs and could find, before anyone pays for it; and the step that puts its record into the store."""

from clt.planning.comparable_pairs import ComparablePair, CurveDesign, comparable_pairs
from clt.planning.contrast_family import TARGETS, FamilyMember, contrast_family
from clt.planning.cost import CellCost, cell_cost, optimizer_steps
from clt.planning.memory_check import check_declared_memory, check_memory
from clt.planning.memory_fit import MemoryFit
from clt.planning.model_inspection import inspect_model
from clt.planning.outlook import Outlook, StepOutlook
from clt.planning.planner import Plan, check_limits, declared_facts, declared_record, default_workers, make_plan
from clt.planning.power import CLUSTERING, PAIRING, POWER_ASSUMPTIONS, Detectable
from clt.planning.preview import inspected_record, is_local, plan_selected, preview_plan, read_study
from clt.planning.run_noise import COMMON_SD, LANGUAGE_SD, PRIOR_DF
from clt.planning.step import plan_study

__all__ = [
    "CLUSTERING",
    "COMMON_SD",
    "LANGUAGE_SD",
    "PAIRING",
    "POWER_ASSUMPTIONS",
    "PRIOR_DF",
    "TARGETS",
    "CellCost",
    "ComparablePair",
    "CurveDesign",
    "Detectable",
    "FamilyMember",
    "MemoryFit",
    "Outlook",
    "Plan",
    "StepOutlook",
    "cell_cost",
    "check_declared_memory",
    "check_limits",
    "check_memory",
    "comparable_pairs",
    "contrast_family",
    "declared_facts",
    "declared_record",
    "default_workers",
    "inspect_model",
    "inspected_record",
    "is_local",
    "make_plan",
    "optimizer_steps",
    "plan_selected",
    "plan_study",
    "preview_plan",
    "read_study",
]
