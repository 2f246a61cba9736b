"""What a study's jobs get, how fast it is, where on a cluster they run, and what the study may cost."""

from typing import Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt, ValidationInfo, field_validator, model_validator

from clt.study.fields import Count, Spec
from clt.study.sizes import parse_size

_MEMORY = r"^[1-9][0-9]*(Ki|Mi|Gi|Ti)$"


class Toleration(Spec):
    """As in a pod's spec."""

    key: str | None = None
    """As in a pod's spec."""
    operator: Literal["Exists", "Equal"] = "Equal"
    """As in a pod's spec."""
    value: str | None = None
    """As in a pod's spec."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """As in a pod's spec."""


class Placement(Spec):
    """What one job gets, and the accelerator by its name in resources.speeds."""

    accelerator: str = "cpu-thread"
    """Its name in `resources.speeds`. A name that begins with `cpu` asks for no GPU."""
    nodes: PositiveInt = 1
    """Nodes of a training; an evaluation has one."""
    accelerators_per_node: PositiveInt = 1
    """Accelerators, and processes of a training, on each node."""
    sharding: Literal["all", "node"] = "all"
    """Over which accelerators a training's weights, gradients and moments are divided: `all` of the job, or those of
    one `node`, with a copy on every node: more memory, less traffic between nodes.
    """
    cpu: PositiveInt = 1
    """Cores of each pod."""
    memory: str = Field(default="8Gi", pattern=_MEMORY)
    """Memory of each pod."""
    shared_memory: str = Field(default="1Gi", pattern=_MEMORY)
    """Of `memory`, at /dev/shm, where processes exchange data."""
    node_selector: dict[str, str] = Field(default={})
    """Labels of the nodes, beside `resources.node_selector`."""

    @property
    def on_cpu(self) -> bool:
        return self.accelerator.startswith("cpu")

    @property
    def processes(self) -> int:
        """Of a training, over all nodes."""
        return self.nodes * self.accelerators_per_node

    @property
    def shards(self) -> int:
        """In how many parts a training's state is divided."""
        return self.processes if self.sharding == "all" else self.accelerators_per_node


class ModelResources(Spec):
    """Overrides of the study's resources for one model."""

    training: Placement | None = None
    """In place of `resources.training`, as a whole."""
    evaluation: Placement | None = None
    """In place of `resources.evaluation`, as a whole."""


class Timeouts(Spec):
    """How long a job may wait for what may still come, or be silent, before it is given up."""

    image_minutes: PositiveFloat = 10.0
    """For an image that cannot be pulled, or a Secret or volume that is not there."""
    unschedulable_hours: PositiveFloat = 24.0
    """For nodes, quota or admission to the queue."""
    answer_minutes: PositiveFloat = 30.0
    """For the first word of the training operator or the scheduler, and for the end of a deletion."""
    start_minutes: PositiveFloat = 60.0
    """For the start of pods that have a node, such as the pull of a large image."""
    progress_minutes: PositiveFloat = 60.0
    """For a sign of life of a job that runs: a phase, a step, a batch, a line of its log, 16 MiB read or written. A job
    that falls silent is ended, and started again like one that the cluster lost; one that never gave a sign is not.
    """


class Resources(Spec):
    training: Placement = Placement()
    """What a training gets."""
    evaluation: Placement = Placement()
    """What an evaluation gets."""
    speeds: dict[str, PositiveFloat] = Field(default={"cpu-thread": 2.0e10})
    """Name of an accelerator to the floating-point operations a second that one achieves."""
    accelerator_memory: dict[str, str] = Field(default={})
    """Name of an accelerator in `speeds` to the memory of one, such as `{h100: 80GB}`: what cannot fit is refused when
    the study is planned. On a CPU a pod's `memory` is what there is.
    """
    accelerator_resource: str = "nvidia.com/gpu"
    """What Kubernetes calls an accelerator."""
    queue: str | None = None
    """A LocalQueue of Kueue: jobs start suspended and wait to be admitted."""
    priority_class: str | None = None
    """Of all jobs' pods."""
    node_selector: dict[str, str] = Field(default={})
    """Of all jobs' pods."""
    tolerations: tuple[Toleration, ...] = ()
    """Of all jobs' pods."""
    image_pull_secret: str | None = None
    """Of all jobs' pods."""
    deadline_hours: PositiveFloat | None = None
    """A job that runs longer fails; its checkpoints stay."""
    grace_seconds: PositiveInt = 120
    """What a training that the cluster ends has for saving its state (SIGTERM to SIGKILL)."""
    restarts: Count = 3
    """How often a job is started again that the cluster lost: evicted, preempted, its node gone. Never after a user's
    error or lack of memory.
    """
    timeouts: Timeouts = Timeouts()
    """How long a job may wait for what may still come, before it is given up."""
    pod: dict[str, Any] = Field(default={})
    """Strategic merge patch of every job's pod template, for placement, amounts, scratch volumes and variables of NCCL
    and its like that have no field here: maps are merged, lists of named things by their name, `null` removes. The
    container is called `pytorch`. Other fields are refused unless the cluster's administrator allows them.
    """

    def room(self, placement: Placement) -> int | None:
        """Bytes of one of a placement's accelerators; None for a CPU, and where the study does not say."""
        size = None if placement.on_cpu else self.accelerator_memory.get(placement.accelerator)
        return None if size is None else parse_size(size)

    @field_validator("accelerator_memory")
    @classmethod
    def _readable(cls, value: dict[str, str]) -> dict[str, str]:
        for size in value.values():
            parse_size(size)
        return value

    @model_validator(mode="before")
    @classmethod
    def _read_older_record(cls, values: Any, info: ValidationInfo) -> Any:
        """Records of studies (JSON) that were planned before `patience` became `timeouts` stay readable."""
        if info.mode != "json" or "patience" not in values:
            return values
        older = values["patience"]
        timeouts = {"image_minutes": older["image_minutes"], "unschedulable_hours": older["room_hours"]}
        return {name: value for name, value in values.items() if name != "patience"} | {"timeouts": timeouts}


class Limits(Spec):
    gpu_hours: PositiveFloat | None = None
    """`clt plan` and `clt run` refuse a study that needs more."""
    disk: str | None = None
    """The same for the store's size, such as `500GB` or `2TiB`."""

    @field_validator("disk")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            parse_size(value)
        return value
