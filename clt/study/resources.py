"""What a study's jobs get, how fast it is, where on a cluster they run, and what the study may cost."""

from typing import Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt, ValidationInfo, field_validator, model_validator

from clt.study.fields import Count, Spec
from clt.study.sizes import parse_size

_MEMORY = r"^[1-9][0-9]*(Ki|Mi|Gi|Ti)$"


class Toleration(Spec):
    """As in a pod's spec."""

    key: str | None = None
    operator: Literal["Exists", "Equal"] = "Equal"
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None


class Placement(Spec):
    """What one job gets, and the accelerator by its name in resources.speeds."""

    accelerator: str = "cpu-thread"
    nodes: PositiveInt = 1
    accelerators_per_node: PositiveInt = 1
    cpu: PositiveInt = 1
    memory: str = Field(default="8Gi", pattern=_MEMORY)
    shared_memory: str = Field(default="1Gi", pattern=_MEMORY)  # of memory, at /dev/shm, where processes exchange data
    node_selector: dict[str, str] = Field(default={})  # beside resources.node_selector

    @property
    def on_cpu(self) -> bool:
        return self.accelerator.startswith("cpu")


class ModelResources(Spec):
    """Overrides of the study's resources for one model."""

    training: Placement | None = None
    evaluation: Placement | None = None


class Timeouts(Spec):
    """How long a job may wait for what may still come, by what it waits for, before it is given up."""

    image_minutes: PositiveFloat = 10.0  # an image that cannot be pulled, a Secret or a volume that is not there
    unschedulable_hours: PositiveFloat = 24.0  # a node that it fits on, quota, or admission to the queue


class Resources(Spec):
    training: Placement = Placement()
    evaluation: Placement = Placement()
    speeds: dict[str, PositiveFloat] = Field(default={"cpu-thread": 2.0e10})  # accelerator -> achieved operations/s
    accelerator_resource: str = "nvidia.com/gpu"  # what Kubernetes calls an accelerator
    queue: str | None = None  # a LocalQueue of Kueue: jobs start suspended and wait for their admission
    priority_class: str | None = None
    node_selector: dict[str, str] = Field(default={})
    tolerations: tuple[Toleration, ...] = ()
    image_pull_secret: str | None = None
    deadline_hours: PositiveFloat | None = None  # a job that runs longer fails
    restarts: Count = 3  # of a job that the cluster lost: evicted, preempted, its node gone. Never of a user's error
    timeouts: Timeouts = Timeouts()
    pod: dict[str, Any] = Field(default={})  # strategic patch of every job's pod template, such as {spec: {...}}

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
    disk: str | None = None  # such as "500GB" or "2TiB"

    @field_validator("disk")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            parse_size(value)
        return value
