"""What the statistics were made from and with."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from pydantic import Field

from clt.statistics.inference.bootstrap import RESAMPLES
from clt.statistics.inference.intervals import LEVEL
from clt.statistics.scores.table import ScoreTable, checksum
from clt.statistics.values import Document

STATISTICS_FORMAT = 3  # of statistics.json: raised by hand when a reader has to change
# Of an environment, what changes no result: a version of ours that does raises a step's format, and with it the keys.
OF_NO_EFFECT = {"clt"}


class JudgeFacts(Document):
    """A model that rated answers."""

    model: str
    prompt: str  # the name of what it was asked
    noise_sd: float | None  # standard deviation of one reading, as the study says (clt judge-check); None: not said


class Provenance(Document):
    """What the numbers were made from and with; the only part that may differ between two equal runs."""

    source: str
    input_checksum: str  # SHA-256 of the table's content, whatever the order of its rows
    inputs: dict[str, str]  # file or artifact -> SHA-256
    # task -> by what training rows were held against test items ("id", "text"); empty where it is not known
    decontamination: dict[str, list[str]]
    judges: list[JudgeFacts] = Field(default=[])  # that gave the scores of the metric `judge`
    format: int
    code_version: str
    versions: dict[str, str]
    resamples: int
    level: float
    seeding: str
    environments: dict[str, int]  # environment -> cells
    mixed_environments: bool
    seconds_by_phase: dict[str, dict[str, float]]  # model -> phase -> seconds of all its cells; empty if not recorded
    created: str


def provenance_of(table: ScoreTable) -> Provenance:
    return Provenance(
        source=table.source,
        input_checksum=checksum(table.rows),
        inputs=table.inputs,
        decontamination={task: list(compared) for task, compared in table.decontamination.items()},
        judges=[
            JudgeFacts(model=judge.endpoint.model, prompt=judge.prompt, noise_sd=judge.noise_sd)
            for judge in table.judges
        ],
        format=STATISTICS_FORMAT,
        code_version=_version("cross-lingual-transfer"),
        versions={name: _version(name) for name in ("numpy", "pandas", "scipy")},
        resamples=RESAMPLES,
        level=LEVEL,
        seeding="SHA-256 of the curve's sorted item ids: the same items give the same resamples in every curve",
        environments=table.environments,
        mixed_environments=_are_mixed(table.environments),
        seconds_by_phase=table.seconds,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _are_mixed(environments: Iterable[str]) -> bool:
    """Whether one step ran with two values of the same fact; where a fact is missing, nobody knows that it differs."""
    values: dict[str, str] = {}
    for environment in environments:
        step, _, facts = environment.partition(": ")
        for place, value in _flat(step, json.loads(facts)):
            if values.setdefault(place, value) != value:
                return True
    return False


def _flat(place: str, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(f"{place}.{name}", value)
        elif name not in OF_NO_EFFECT:
            yield f"{place}.{name}", str(value)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
