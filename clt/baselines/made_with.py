"""What a run was made with, as flat text: two runs that differ somewhere say where."""

from collections.abc import Iterator, Mapping
from typing import Any

from clt.store import EvaluationMetadata, Store, TrainingMetadata
from clt.study import StudyRecord

# What differs from run to run on purpose, or changes no result.
UNTOLD = {"seeds", "name", "description", "limits", "resources"}
UNTOLD_OF_BASELINE = {"notify", "keep"}


def made_with(store: Store, record: StudyRecord) -> dict[str, str]:
    """Packages, hardware and images of each step, models, data and the study's own text, by name.

    Cells of one run that differ have all their values, joined by " | ".
    """
    found: dict[str, list[str]] = {}
    for name, value in _facts(store, record):
        values = found.setdefault(name, [])
        if value not in values:
            values.append(value)
    return {name: " | ".join(sorted(values)) for name, values in sorted(found.items())}


def _facts(store: Store, record: StudyRecord) -> Iterator[tuple[str, str]]:
    for cell in record.grid.cells:
        training = None if cell.is_base else TrainingMetadata.read(store, record.training_key(cell))
        evaluation = EvaluationMetadata.read(store, record.evaluation_key(cell))
        for step, metadata in (("training", training), ("evaluation", evaluation)):
            yield from flat(step, (metadata and metadata.environment) or {})
    for name, model in record.facts.models.items():
        yield f"model {name}", model.identity
    for source, facts in record.facts.sources.items():
        yield f"data {source}", facts.checksum
    for step, version in record.formats.items():
        yield f"format of {step}", str(version)
    study = record.study.model_dump(mode="json", exclude_defaults=True, exclude=UNTOLD)
    for name in UNTOLD_OF_BASELINE:
        study.get("baseline", {}).pop(name, None)
    for name, value in flat("study", study):
        if not name.endswith(".path"):  # where a file is changes nothing; what is in it is told by its checksum
            yield name, value


def flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every leaf of nested mappings and lists of mappings, by its dotted place."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(f"{name} {key}" if " " not in name else f"{name}.{key}", inner)
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        for index, each in enumerate(value):
            yield from flat(f"{name}.{each.get('name', index)}", each)
    else:
        yield name, str(value)
