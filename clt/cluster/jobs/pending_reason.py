"""Why a job does not run yet, in the cluster's own words, and for how long that may go on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from clt.cluster.jobs.cluster import Object
from clt.cluster.jobs.naming import QUEUE
from clt.study import Resources

Cause = Literal["image", "configuration", "room", "quota", "admission"]

QUOTA = "exceeded quota"  # in the words of the API server
_IMAGE = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
_CONFIGURATION = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_VOLUME = {"FailedMount", "FailedAttachVolume"}
_ADVICE = {
    "image": "give `clt compile --gpu-image` an image that the nodes can pull, and resources.image_pull_secret if its "
    "registry asks for one",
    "configuration": "create what is named there in this namespace, then run again",
    "room": "give resources a node selector, tolerations and amounts that a node has, or add nodes",
    "quota": "raise the namespace's ResourceQuota, lower resources, or run fewer cells side by side",
    "admission": "see the queue in resources.queue: does it exist, and does it have quota for this job",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingReason:
    cause: Cause
    text: str  # a line of the cluster's own words

    def __str__(self) -> str:
        return f"waits for {self.cause}: {self.text}"

    def timeout_seconds(self, resources: Resources) -> float:
        """For how long the job may wait for this without a change."""
        if self.cause in ("image", "configuration"):
            return resources.timeouts.image_minutes * 60
        return resources.timeouts.unschedulable_hours * 3600

    def advice(self) -> str:
        return _ADVICE[self.cause]


def pending_reason(job: Object, pods: Iterable[Object], events: Iterable[Object]) -> PendingReason | None:
    """What the job or one of its pods waits for; None if nothing is known to stop it. `events` are in order of time."""
    pods, events = list(pods), list(events)
    if job["spec"].get("runPolicy", {}).get("suspend"):
        queue = job["metadata"].get("labels", {}).get(QUEUE, "")
        return PendingReason(
            cause="admission", text=_last(events, None) or f"suspended until the queue {queue!r} admits it"
        )
    for pod in pods:
        for state in _container_states(pod):
            waiting = state.get("waiting", {})
            text = f"{waiting.get('reason')}: {waiting.get('message', '')}".strip(": ")
            if waiting.get("reason") in _IMAGE:
                return PendingReason(cause="image", text=text)
            if waiting.get("reason") in _CONFIGURATION:
                return PendingReason(cause="configuration", text=text)
        for condition in pod.get("status", {}).get("conditions") or []:
            if condition["type"] == "PodScheduled" and condition.get("reason") == "Unschedulable":
                return PendingReason(cause="room", text=condition.get("message", ""))
        if pod["status"].get("phase") == "Pending" and (text := _last(_about(events, pod), _VOLUME)):
            return PendingReason(cause="configuration", text=text)
    refused = _last(events, {"FailedCreatePod", "FailedCreate"})
    if refused and len(pods) < wanted_pods(job):
        return PendingReason(cause="quota" if QUOTA in refused else "configuration", text=refused)
    return None


def wanted_pods(job: Object) -> int:
    """One Master and the Workers."""
    return sum(replica["replicas"] for replica in job["spec"]["pytorchReplicaSpecs"].values())


def _container_states(pod: Object) -> Iterator[dict[str, Any]]:
    for kind in ("initContainerStatuses", "containerStatuses"):
        for status in pod["status"].get(kind) or []:
            yield status.get("state", {})


def _about(events: list[Object], pod: Object) -> list[Object]:
    return [event for event in events if event["involvedObject"].get("uid") == pod["metadata"]["uid"]]


def _last(events: list[Object], reasons: set[str] | None) -> str:
    """The newest warning (of these reasons) as one line."""
    warnings = [
        event
        for event in events
        if event.get("type") == "Warning" and (reasons is None or event.get("reason") in reasons)
    ]
    return f"{warnings[-1]['reason']}: {' '.join(warnings[-1].get('message', '').split())}" if warnings else ""
