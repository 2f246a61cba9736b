"""What a baseline keeps in the store.

    baselines/NAME/begun/RUN     a run has its number, which says where it stands in the order, and its seeds
    baselines/NAME/planned/NUMBER-RUN   it is planned, as this study
    baselines/NAME/runs/RUN      all its cells are complete: its means, its items with their scores, what it ran on
    baselines/NAME/anchors/first answers that a judge rates again in every run
    baselines/NAME/anchored/RUN  what it said to them at the end of a run
    baselines/NAME/alarms/ID     a change that was found, whatever the study says since
    baselines/NAME/notes/NUMBER  what a person said: the pinned run, an acknowledged change
    baselines/NAME/told/...      who was told of which change
NAME is the study's. Clocks may jump; the order is by number.
"""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Literal

from clt.baselines.document import Change, Comparison
from clt.errors import UserError
from clt.store import Manifest, Metadata, Store

ITEMS = "items.parquet"  # of a complete run


class How(StrEnum):
    """What an acknowledged change was."""

    NEW_LEVEL = "new-level"  # it stays: what is in control starts there
    REPAIRED = "repaired"  # a fault, mended since: the runs that had it are set aside


EVERYTHING = "*"  # in place of a comparison's identity: all of them


class BegunRun(Metadata):
    run: str
    number: int
    seeds: list[int]
    started: str  # ISO 8601, UTC


class PlannedRun(BegunRun):
    study_key: str


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


class Alarm(Metadata):
    """A change as it was when it was found: an edited study, or time, do not take it back."""

    comparison: Comparison
    change: Change
    at: str  # when its run was started


class Note(Metadata):
    """What a person said."""

    number: int
    kind: Literal["pin", "acknowledge"]
    run: str  # the pinned one; the last complete one when a change was acknowledged
    at: str  # ISO 8601, UTC
    change: str = ""  # the id of an acknowledged one; empty: said of a run, whether or not a change was found there
    comparison: str = ""  # its name
    key: str = ""  # its identity, or EVERYTHING
    since: str = ""  # the first run after the change
    until: str = ""  # the last run that it was seen in; of a pin the last complete one when it was said
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


def manifests_below(store: Store, name: str, kind: str) -> list[Manifest]:
    """Those of one kind, by key; what is damaged is an error."""
    return list(manifests_of(store, store.keys(place(name, kind))).values())


def manifests_of(store: Store, keys: Collection[str]) -> dict[str, Manifest]:
    """As `Store.manifests`, but what is damaged is an error."""
    found = store.manifests(keys)
    for key in keys:
        if key not in found:
            store.manifest(key)  # says what is wrong with it
    return found


def baselines_in(store: Store) -> list[str]:
    """The names of a store's baselines, sorted."""
    return sorted({key.split("/")[1] for key in store.keys("baselines")})
