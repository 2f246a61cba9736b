"""What would fit in place of what cannot: each remedy is estimated before it is named."""

from collections.abc import Callable, Iterator
from typing import Any

from clt.planning.memory_fit import Kind, memory_fit
from clt.study import ModelFacts, Placement, Study, tokens_at_once

Fits = Callable[[Study], bool]

MOST_PER_NODE = 8  # accelerators of a usual node
MOST_ACCELERATORS = 1024  # that are tried


def remedies(study: Study, facts: ModelFacts, model: str, kind: Kind) -> tuple[str, ...]:
    """Changes of one field (or of the number of accelerators) after which a job fits, the mildest first."""

    def fits(changed: Study) -> bool:
        return not memory_fit(changed, facts, model, kind).exceeds_accelerator

    found = _of_training(study, model, fits) if kind == "training" else _of_evaluation(study, model, fits)
    return tuple(found)


def _of_training(study: Study, model: str, fits: Fits) -> Iterator[str]:
    yield from _settings(study, model, fits)
    yield from _more_accelerators(study, model, "training", fits)
    if study.model(model).method == "full" and fits(_with_model(study, model, method="lora")):
        yield f"models.{model}.method: lora"


def _of_evaluation(study: Study, model: str, fits: Fits) -> Iterator[str]:
    yield from _more_accelerators(study, model, "evaluation", fits)
    if study.training.precision == "float32" and fits(_with_training(study, precision="bfloat16")):
        yield "training.precision: bfloat16"


def _settings(study: Study, model: str, fits: Fits) -> Iterator[str]:
    training, placement = study.training, study.placement(model, "training")
    if training.activation_checkpointing == "never" and fits(_with_training(study, activation_checkpointing="auto")):
        yield "training.activation_checkpointing: auto"
    tokens = tokens_at_once(training, placement)
    fewer = [2**power for power in range(tokens.bit_length(), 0, -1) if training.max_tokens < 2**power < tokens]
    for count in [*fewer, training.max_tokens]:
        if count < tokens and fits(_with_training(study, micro_batch_tokens=count)):
            yield f"training.micro_batch_tokens: {count}"
            break
    if placement.sharding == "node" and fits(_with_placement(study, model, "training", sharding="all")):
        yield "sharding: all"


def _more_accelerators(study: Study, model: str, kind: Kind, fits: Fits) -> Iterator[str]:
    """The smallest power of two that fits; an evaluation has one node."""
    now = study.placement(model, kind)
    per_node, total = max(MOST_PER_NODE, now.accelerators_per_node), 1
    most = min(MOST_ACCELERATORS, study.training.batch_size)  # no process without a row
    while total <= (most if kind == "training" else per_node):
        here = min(total, per_node)
        change = {"accelerators_per_node": here, "nodes": max(1, total // here)}
        if total > now.processes and fits(_with_placement(study, model, kind, **change)):
            nodes = "" if change["nodes"] == now.nodes else f", nodes: {change['nodes']}"
            yield f"accelerators_per_node: {here}{nodes}"
            return
        total *= 2


def _with_training(study: Study, **changes: Any) -> Study:
    return study.model_copy(update={"training": study.training.model_copy(update=changes)})


def _with_model(study: Study, name: str, **changes: Any) -> Study:
    models = [model.model_copy(update=changes) if model.name == name else model for model in study.models]
    return study.model_copy(update={"models": tuple(models)})


def _with_placement(study: Study, name: str, kind: Kind, **changes: Any) -> Study:
    placement: Placement = study.placement(name, kind).model_copy(update=changes)
    resources = study.model(name).resources.model_copy(update={kind: placement})
    return _with_model(study, name, resources=resources)
