"""What a plan says about memory: a fit for each model's jobs, notes on what is not known, and refusals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from clt.errors import StudyError
from clt.planning.memory_fit import Kind, MemoryFit, memory_fit
from clt.planning.memory_remedies import remedies
from clt.planning.model_inspection import declared_model
from clt.study import Cell, ModelFacts, Study, expand, format_size

KINDS: tuple[Kind, ...] = ("training", "evaluation")
POD_STEP_GI = 16  # a pod's memory is proposed in steps of this size


def memory_fits(study: Study, models: Mapping[str, ModelFacts], cells: Iterable[Cell]) -> tuple[MemoryFit, ...]:
    """One for each model and kind of job that these cells have, in the study's order.

    Args:
        study: What jobs get.
        models: Facts of all models of the cells.
        cells: Of the study's grid.
    """
    jobs = {(cell.model, kind) for cell in cells for kind in _kinds(cell)}
    return tuple(
        _with_remedies(study, models[model.name], memory_fit(study, models[model.name], model.name, kind))
        for model in study.models
        for kind in KINDS
        if (model.name, kind) in jobs
    )


def memory_notes(study: Study, fits: Sequence[MemoryFit]) -> Iterator[str]:
    """What the reader of a plan should know: what is not known, and what may be too much."""
    for model, why in {fit.model: fit.unknown for fit in fits if fit.unknown}.items():
        yield f"models.{model}: how much memory it takes is not known: {why}"
    known = [fit for fit in fits if not fit.unknown]
    sizeless = {fit.accelerator for fit in known if fit.room is None and not fit.accelerator.startswith("cpu")}
    if sizeless:
        yield f"resources.accelerator_memory: not given for {', '.join(sorted(sizeless))}: nothing is held against it"
    for fit in known:
        if fit.may_exceed:
            yield (
                f"models.{fit.model}: evaluation.batch_size {study.evaluation.batch_size} fits only rows shorter than "
                f"training.max_tokens {study.training.max_tokens} ({format_size(fit.needed or 0)} an accelerator)"
            )
        if fit.exceeds_pod:
            yield f"{fit.field}.memory: {_pod_message(fit)}; on a cluster it is refused"


def check_memory(fits: Sequence[MemoryFit], *, on_cluster: bool = False) -> None:
    """Refuse what cannot fit, and name what would.

    Args:
        fits: From `memory_fits`.
        on_cluster: Whether pods are started, whose memory then counts; a workstation's is its own matter.

    Raises:
        StudyError: A line for each training and evaluation that does not fit its accelerator or, on a cluster, its pod.
    """
    errors = [
        *(StudyError(_accelerator_message(fit), field=fit.field) for fit in fits if fit.exceeds_accelerator),
        *(StudyError(_pod_message(fit), field=f"{fit.field}.memory") for fit in fits if on_cluster and fit.exceeds_pod),
    ]
    if errors:
        raise errors[0] if len(errors) == 1 else StudyError("\n".join(map(str, errors)))


def check_declared_memory(study: Study) -> None:
    """`check_memory` for a cluster, of the models whose parameters the study says: without weights and network."""
    models = {model.name: declared_model(model) for model in study.models if model.parameters is not None}
    cells = [cell for cell in expand(study).cells if cell.model in models]
    check_memory(memory_fits(study, models, cells), on_cluster=True)


def _kinds(cell: Cell) -> tuple[Kind, ...]:
    return ("evaluation",) if cell.is_base else KINDS


def _with_remedies(study: Study, facts: ModelFacts, fit: MemoryFit) -> MemoryFit:
    return replace(fit, would_fit=remedies(study, facts, fit.model, fit.kind)) if fit.exceeds_accelerator else fit


def _accelerator_message(fit: MemoryFit) -> str:
    parts = ", ".join(f"{name} {format_size(size)}" for name, size in (fit.parts or {}).items() if size)
    hope = "; or ".join(fit.would_fit) or "a smaller training.max_tokens, larger accelerators, or a smaller model"
    alone = " with one row at a time" if fit.kind == "evaluation" else ""
    return (
        f"the {fit.kind} of {fit.model} needs {format_size(fit.least or 0)}{alone} on each of {fit.accelerators} x "
        f"{fit.accelerator}, which has {format_size(fit.room or 0)} ({parts}); what would fit: {hope}"
    )


def _pod_message(fit: MemoryFit) -> str:
    enough = -(-(fit.pod_least or 0) // (POD_STEP_GI * 2**30)) * POD_STEP_GI
    return (
        f"got {format_size(fit.pod_room)}, a pod of the {fit.kind} of {fit.model} needs "
        f"{format_size(fit.pod_least or 0)}; what would fit: {enough}Gi"
    )
