"""A cluster whose hours pass in milliseconds: what a launcher sees of one job is a function of the time.

The objects are those that a real cluster showed; the launcher, its Lease and its store are the real ones.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, Self

from clt.cluster.jobs.cluster import PLURAL

Object = dict[str, Any]
MASTER = "-master-0"
TICK = 600.0  # seconds of the launcher's watch in a simulation


class Clock:
    """In the place of the module `time`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class SimulatedCluster:
    """`show` says what became of a job at each look: it may change job, pods and events, or do a pod's work."""

    namespace = "simulated"

    def __init__(self, clock: Clock, show: Callable[[Self, Object, float], None]) -> None:
        self.clock, self._show = clock, show
        self.objects: dict[str, dict[str, Object]] = {PLURAL: {}, "leases": {}}
        self.pods: list[Object] = []
        self.events: list[Object] = []
        self.created: list[tuple[str, float]] = []  # names of jobs, and when
        self.deleted: list[str] = []

    def another(self) -> Self:
        return self

    def get(self, resource: str, name: str) -> Object | None:
        found = self.objects[resource].get(name)
        if resource == PLURAL and found is not None:
            self._show(self, found, self.clock.now - self.created[-1][1])
        return found

    def list(self, resource: str, *, labels: str = "", fields: str = "") -> list[Object]:
        if resource in ("pods", "events"):
            return self.pods if resource == "pods" else self.events if "u-master" in fields else []
        return list(self.objects[resource].values())

    def create(self, resource: str, body: Object, *, dry_run: bool = False) -> Object:
        name = body["metadata"]["name"]
        made = body | {"metadata": body["metadata"] | {"uid": f"uid of {name}", "resourceVersion": "1"}}
        self.objects[resource][name] = made
        if resource == PLURAL:
            self.created.append((name, self.clock.now))
        return made

    def replace(self, resource: str, body: Object) -> Object:
        return self.create(resource, body)

    def merge(self, resource: str, name: str, patch: Object) -> Object:
        return self.objects[resource][name]

    def delete(self, resource: str, name: str, uid: str | None = None) -> bool:
        self.deleted.append(name)
        self.pods = []
        return self.objects[resource].pop(name, None) is not None

    def watch(self, resource: str, name: str, version: str, seconds: float) -> Iterator[Object]:
        self.clock.now += seconds
        time.sleep(0.002)  # the threads of the launcher run in real time
        yield from ()

    def log(self, pod: str, **_: Any) -> Any:
        raise ValueError("no log")

    def place_pod(self, job: Object, **status: Any) -> None:
        """The job's Master, with this status."""
        name = job["metadata"]["name"] + MASTER
        metadata = {"name": name, "uid": "u-master", "ownerReferences": [{"uid": job["metadata"]["uid"]}]}
        self.pods = [{"metadata": metadata, "spec": {"schedulerName": "default-scheduler"}, "status": status}]


def condition(kind: str, status: str = "True") -> Object:
    return {"type": kind, "status": status, "message": ""}


def accepted(job: Object) -> None:
    """The operator has seen the job."""
    job["status"] = {"conditions": [condition("Created")]}
