"""Whether a training or evaluation fits its accelerators and pods.

A training's memory is bounded by its micro-batches, so one that does not fit is refused. An evaluation depends on how
long its rows are: it is refused if one row at a time would not fit, and noted if the whole batch might not.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from clt.planning.evaluation_memory import evaluation_memory
from clt.study import (
    VALUE_BYTES,
    ModelFacts,
    ModelShape,
    Placement,
    Study,
    parse_size,
    trained_parameters,
    training_memory,
)

Kind = Literal["training", "evaluation"]
# Of Python, torch and what it loads: measured on a CPU, not with CUDA.
CPU_PROCESS, ACCELERATOR_PROCESS = 900 * 10**6, 3 * 10**9
HELD_BACK = 0.3  # of what is in use on a CPU: freed blocks that malloc keeps, measured (benchmarks/memory.py)
STAGED_BYTES = 12  # of a trained parameter in a resume state, float32: weight and two moments
GATHERED_COPIES = 2  # of the weights: some go up while better ones are gathered
ADAPTER_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFit:
    """The memory of one model's training or evaluation, in bytes; all None where the model's shape is not known."""

    model: str
    kind: Kind
    field: str  # of the study, that says what it gets
    accelerator: str
    accelerators: int  # of a job, over its nodes
    unknown: str = ""  # why nothing is known
    parts: Mapping[str, int] | None = None  # what `needed` is made of
    needed: int | None = None  # on one accelerator; on a CPU, by one process
    least: int | None = None  # without it there is no sense in starting: of an evaluation, with one row at a time
    room: int | None = None  # of one accelerator; None: the study does not say
    checkpointing: bool | None = None  # of activations, in a training
    pod_needed: int | None = None
    pod_least: int | None = None
    pod_room: int
    would_fit: tuple[str, ...] = ()  # in place of what exceeds its accelerator

    @property
    def exceeds_accelerator(self) -> bool:
        return self.room is not None and self.least is not None and self.least > self.room

    @property
    def exceeds_pod(self) -> bool:
        return self.pod_least is not None and self.pod_least > self.pod_room

    @property
    def may_exceed(self) -> bool:
        """Whether only the longest rows, side by side, would be too much."""
        accelerator = self.room is not None and self.needed is not None and self.needed > self.room
        pod = self.pod_needed is not None and self.pod_needed > self.pod_room
        return (accelerator or pod) and not (self.exceeds_accelerator or self.exceeds_pod)


def memory_fit(study: Study, facts: ModelFacts, model: str, kind: Kind) -> MemoryFit:
    """The memory of one model's jobs of one kind."""
    placement = study.placement(model, kind)
    if facts.shape is None:
        return MemoryFit(**_names(study, model, kind, placement), unknown=facts.no_shape or "its shape is not known")
    if kind == "training":
        return _training_fit(study, facts.shape, facts.parameters, model, placement)
    return _evaluation_fit(study, facts.shape, facts.parameters, model, placement)


def _training_fit(study: Study, shape: ModelShape, parameters: int, model: str, placement: Placement) -> MemoryFit:
    spec, room = study.model(model), study.resources.room(placement)
    memory = training_memory(shape, parameters, spec, study.training, placement, room=room)
    parts = asdict(memory)
    checkpointing = parts.pop("checkpointing")
    trained = trained_parameters(shape, parameters, spec)
    staged = placement.accelerators_per_node * STAGED_BYTES * trained // placement.shards
    whole = VALUE_BYTES[study.training.precision] * parameters if spec.method == "full" else ADAPTER_BYTES * trained
    pod = _pod(placement, memory.total, placement.accelerators_per_node) + staged + GATHERED_COPIES * whole
    return MemoryFit(
        **_names(study, model, "training", placement),
        parts=parts,
        needed=memory.total,
        least=memory.total,
        room=room,
        checkpointing=checkpointing,
        pod_needed=pod,
        pod_least=pod,
    )


def _evaluation_fit(study: Study, shape: ModelShape, parameters: int, model: str, placement: Placement) -> MemoryFit:
    whole, one = (
        evaluation_memory(shape, parameters, study.model(model), study, placement, rows=rows)
        for rows in (study.evaluation.batch_size, 1)
    )
    return MemoryFit(
        **_names(study, model, "evaluation", placement),
        parts=asdict(whole),
        needed=whole.total,
        least=one.total,
        room=study.resources.room(placement),
        pod_needed=_pod(placement, whole.total, 1),
        pod_least=_pod(placement, one.total, 1),
    )


def _names(study: Study, model: str, kind: Kind, placement: Placement) -> dict:
    own = getattr(study.model(model).resources, kind)
    return {
        "model": model,
        "kind": kind,
        "field": f"models.{model}.resources.{kind}" if own else f"resources.{kind}",
        "accelerator": placement.accelerator,
        "accelerators": placement.processes,
        "pod_room": parse_size(f"{placement.memory}B"),
    }


def _pod(placement: Placement, needed: int, processes: int) -> int:
    """Memory of one pod before weights are saved: of its processes, on a CPU with what they compute with."""
    shared = parse_size(f"{placement.shared_memory}B") if processes > 1 else 0
    each = CPU_PROCESS + round((1 + HELD_BACK) * needed) if placement.on_cpu else ACCELERATOR_PROCESS
    return processes * each + shared
