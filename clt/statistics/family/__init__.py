"""What the first screen can speak of, judged together so that it says nothing false: the family of contrasts."""

from clt.statistics.family.family import Family, by_chance, resolved
from clt.statistics.family.member import (
    MemberKey,
    change_key,
    comparison_key,
    design_of,
    language_key,
    language_members,
    mixture_key,
)
from clt.statistics.family.noise import ITEMS_ALONE, NEIGHBOURING, PAPER
from clt.statistics.family.verdict import Verdict

__all__ = [
    "ITEMS_ALONE",
    "NEIGHBOURING",
    "PAPER",
    "Family",
    "MemberKey",
    "Verdict",
    "by_chance",
    "change_key",
    "comparison_key",
    "design_of",
    "language_key",
    "language_members",
    "mixture_key",
    "resolved",
]
