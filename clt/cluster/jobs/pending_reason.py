"""Why a job does not run yet, in the cluster's own words, and for how long that may go on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from clt.cluster.jobs.cluster import Object
from clt.cluster.jobs.naming import QUEUE
from clt.study import Resources

Cause = Literal["image", "configuration", "room", "quota", "admission", "operator", "scheduler", "deletion", "start"]

QUOTA = "exceeded quota"  # in the words of the API server
_IMAGE = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
_CONFIGURATION = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_NODE = {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedMapVolume"}
_ADVICE = {
    "image": "give `clt compile --gpu-image` an image that the nodes can pull, and resources.image_pull_secret if its "
    "registry asks for one",
    "configuration": "create what is named there in this namespace, then run again",
    "room": "give resources a node selector, tolerations and amounts that a node has, or add nodes",
    "quota": "raise the namespace's ResourceQuota, lower resources, or run fewer cells side by side",
    "admission": "see the queue in resources.queue: does it exist, and does it have quota for this job",
    "operator": "does the training operator run? `kubectl get pods --all-namespaces | grep training-operator`",
    "scheduler": "does a scheduler of that name run? `kubectl describe pod` and `kubectl get pods -n kube-system`",
    "deletion": "whoever set the finalizer has to remove it, or `kubectl patch pytorchjob NAME --type merge --patch "
    '\'{"metadata": {"finalizers": null}}\'`',
    "start": "`kubectl describe pod` shows what the node does; a large image on a slow registry needs a longer time",
}
_UNKNOWN = {"operator", "scheduler", "deletion", "start"}  # nobody says that anything is wrong
QUIET_SECONDS = 60.0  # that such a thing may take before people are told


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingReason:
    cause: Cause
    text: str  # a line of the cluster's own words

    def __str__(self) -> str:
        return f"waits for {self.cause}: {self.text}"

    @property
    def quiet_seconds(self) -> float:
        return QUIET_SECONDS if self.cause in _UNKNOWN else 0.0

    def timeout_seconds(self, resources: Resources) -> float:
        """For how long the job may wait for this in all."""
        match self.cause:
            case "image" | "configuration":
                return resources.timeouts.image_minutes * 60
            case "operator" | "scheduler" | "deletion":
                return resources.timeouts.answer_minutes * 60
            case "start":
                return resources.timeouts.start_minutes * 60
        return resources.timeouts.unschedulable_hours * 3600

    def advice(self) -> str:
        return _ADVICE[self.cause]


def pending_reason(job: Object, pods: Iterable[Object], events: Iterable[Object]) -> PendingReason:
    """What a job that does not run waits for, in the cluster's words, or whose word is missing.

    `events` are in order of time.
    """
    pods, events = list(pods), list(events)
    return _known_reason(job, pods, events) or _missing_word(job, pods)


def being_deleted(job: Object) -> PendingReason:
    """Why a job that somebody has deleted is still there."""
    metadata = job["metadata"]
    held = ", ".join(metadata.get("finalizers") or ()) or "none, so its pods may be stuck"
    text = f"{metadata['name']} is being deleted since {metadata['deletionTimestamp']}; finalizers: {held}"
    return PendingReason(cause="deletion", text=text)


def _known_reason(job: Object, pods: list[Object], events: list[Object]) -> PendingReason | None:
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
        if pod["status"].get("phase") == "Pending" and (text := _last(_about(events, pod), _NODE)):
            return PendingReason(cause="configuration", text=text)
    refused = _last(events, {"FailedCreatePod", "FailedCreate"})
    if refused and len(pods) < wanted_pods(job):
        return PendingReason(cause="quota" if QUOTA in refused else "configuration", text=refused)
    return None


def _missing_word(job: Object, pods: list[Object]) -> PendingReason:
    """Whose turn it is, when nobody says that anything is wrong: a component that is down says nothing."""
    name, wanted = job["metadata"]["name"], wanted_pods(job)
    if not (job.get("status") or {}).get("conditions"):
        return PendingReason(cause="operator", text=f"nothing is known of {name}: the operator gave it no status")
    if len(pods) < wanted:
        text = f"nothing is known of {name}'s pods: the operator made {len(pods)} of {wanted}"
        return PendingReason(cause="operator", text=text)
    for pod in pods:
        scheduled = [each for each in pod["status"].get("conditions") or [] if each["type"] == "PodScheduled"]
        if pod["status"].get("phase") == "Pending" and not scheduled:
            scheduler = pod.get("spec", {}).get("schedulerName", "default-scheduler")
            text = f"nothing is known of pod {pod['metadata']['name']}: {scheduler} has not looked at it"
            return PendingReason(cause="scheduler", text=text)
    late = [pod for pod in pods if pod["status"].get("phase") not in ("Running", "Succeeded", "Failed")]
    return PendingReason(cause="start", text="; ".join(map(_unstarted, late)) or f"{name} does not say that it runs")


def _unstarted(pod: Object) -> str:
    waiting = [state["waiting"].get("reason", "") for state in _container_states(pod) if "waiting" in state]
    what = ", ".join(dict.fromkeys(waiting)) or pod["status"].get("phase", "no phase")
    return f"pod {pod['metadata']['name']} has a node and does not start ({what})"


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
