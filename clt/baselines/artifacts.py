"""What a baseline keeps in the store.

    baselines/NAME/planned/RUN   a run has begun, with these seeds: its number says where it stands in the order
    baselines/NAME/runs/RUN      all its cells are complete: its means, its items with their scores, what it ran on
    baselines/NAME/anchors/first answers that a judge rates again in every run
    baselines/NAME/anchored/RUN  what it said to them at the end of a run
    baselines/NAME/notes/NUMBER  what a person said: the pinned run, an acknowledged change
    baselines/NAME/told/...      who was told of which change
NAME is the study's. Clocks may jump; the order is by number.
"""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Literal

from clt.errors import UserError
from clt.store import Manifest, Metadata, Store

ITEMS = "items.parquet"  # of a complete run


class How(StrEnum):
    """What an acknowledged change was."""

    NEW_LEVEL = "new-level"  # it stays: what is in control starts there
    REPAIRED = "repaired"  # a fault, mended since: the runs that had it are set aside


class PlannedRun(Metadata):
    run: str
    number: int
    study_key: str
    seeds: list[int]
    started: str  # ISO 8601, UTC


class CellBits(Metadata):
    """Two digests: cells with equal inputs should have equal bits, on a CPU and the same software."""

    inputs: str  # of all that determines the results, but for the repeat
    bits: str  # of the weights, their validation losses, the answers and the scores
    seed: int | None  # None: a base model


class CompleteRun(PlannedRun):
    means: dict[str, float]  # `score_key` -> mean of the items with a score, over seeds
    scored: dict[str, int]  # the same -> items with a score
    items: dict[str, str]  # "task/language" -> digest of the ids and contents of its items
    made_with: dict[str, str]  # what the run's cells were made with, by name
    cells: dict[str, CellBits]  # by place and seed


class Note(Metadata):
    """What a person said."""

    number: int
    kind: Literal["pin", "acknowledge"]
    run: str  # the pinned one; the last complete one when a change was acknowledged
    at: str  # ISO 8601, UTC
    change: str = ""  # its id
    comparison: str = ""  # its name
    key: str = ""  # its identity
    since: str = ""  # the first run after the change
    how: How = How.NEW_LEVEL
    because: str = ""


def place(name: str, *parts: str) -> str:
    """A key of a baseline."""
    return "/".join(("baselines", name, *parts))


def run_slug(run: str) -> str:
    """A run's id as a part of a key. UserError if it is none."""
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", run) or ".." in run or run.endswith(".json"):
        raise UserError(f"got {run!r}, expected a run's name of lower-case letters, digits, '.', '_' and '-'")
    return run


def manifests_below(store: Store, name: str, kind: str, *, but: Collection[str] = ()) -> dict[str, Manifest]:
    """Those of one kind, by the last part of their key, without those of `but`; what is damaged is an error."""
    prefix = place(name, kind)
    left_out = {f"{prefix}/{each}" for each in but}
    keys = [key for key in store.keys(prefix) if key not in left_out]
    found = store.manifests(keys)
    for key in keys:
        if key not in found:
            store.manifest(key)  # says what is wrong with it
    return {key.removeprefix(f"{prefix}/"): manifest for key, manifest in found.items()}


def baselines_in(store: Store) -> list[str]:
    """The names of a store's baselines, sorted."""
    return sorted({key.split("/")[1] for key in store.keys("baselines")})
