"""Why a job failed: what its pods say of their end, the last events and log lines, and whether to start it again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import urllib3
from kubernetes.client.exceptions import ApiException

from clt.cluster.jobs.cluster import Cluster, Object
from clt.cluster.jobs.conditions import message
from clt.cluster.jobs.termination_message import read_termination_message
from clt.errors import UserError

LOG_LINES = 50  # of each failed pod
EVENTS = 10
TOGETHER = timedelta(seconds=30)  # within which the operator makes all pods of a job
_LOST = {"Evicted", "Preempting", "NodeLost", "NodeShutdown", "Terminated", "NodeAffinity", "UnexpectedAdmissionError"}
_SIGNALS = {137, 143}  # SIGKILL and SIGTERM: somebody else ended the container


@dataclass(frozen=True, kw_only=True, slots=True)
class PodEnd:
    pod: str
    reason: str  # such as "exit code 1", "OOMKilled (exit code 137)", "Evicted: ..."
    error: UserError | None = None  # the step's own, which the user can mend
    lost: bool = False  # ended by the cluster, not by itself
    out_of_memory: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    text: str  # conditions, ends of pods, events and log lines, for people
    error: UserError | None  # the step's own, which the user can mend
    retry: bool  # whether the cluster lost the job, so that it may do better the next time


def describe_failure(cluster: Cluster, job: Object, pods: Iterable[Object], events: list[Object]) -> Failure:
    """Everything that is worth knowing about a job whose condition Failed is true."""
    pods = list(pods)
    ends = [end for pod in pods if (end := pod_end(pod)) is not None]
    why = message(job, "Failed")
    parts = [why, *(f"{end.pod}: {end.reason}" for end in ends)]
    if any(end.out_of_memory for end in ends):
        parts.append("give it more resources.*.memory, or a smaller training.micro_batch_tokens or max_tokens")
    if events:
        parts += ["last events:", *(f"  {_line(event)}" for event in events[-EVENTS:])]
    for end in ends:
        if end.error is None and (lines := _log_lines(cluster, end.pod)):
            parts += [f"last lines of {end.pod}:", *(f"  {line}" for line in lines)]
    error = next((end.error for end in ends if end.error is not None), None)
    out_of_memory = any(end.out_of_memory for end in ends)
    cut_short = any(end.lost for end in ends) or any(map(_is_cut_off, pods)) or _one_was_replaced(pods)
    lost = "deadline" not in why and (not ends or cut_short)
    return Failure(text="\n".join(parts), error=error, retry=lost and error is None and not out_of_memory)


def pod_end(pod: Object) -> PodEnd | None:
    """How a pod ended; None if it did not fail."""
    name, status = pod["metadata"]["name"], pod["status"]
    containers = status.get("containerStatuses") or []
    ended = next((each["state"]["terminated"] for each in containers if each.get("state", {}).get("terminated")), None)
    if status.get("phase") != "Failed" and not (ended and ended.get("exitCode")):
        return None
    if status.get("reason") in _LOST or _disrupted(status):
        return PodEnd(pod=name, lost=True, reason=f"{status.get('reason') or 'disrupted'}: {status.get('message', '')}")
    if ended is None:
        return PodEnd(pod=name, lost=True, reason=status.get("reason") or "ended without a word")
    code, reason = ended.get("exitCode"), ended.get("reason", "")
    out_of_memory = reason == "OOMKilled"
    return PodEnd(
        pod=name,
        reason=f"{reason} (exit code {code})" if out_of_memory else f"exit code {code}",
        error=read_termination_message(ended.get("message", "")),
        lost=code in _SIGNALS and not out_of_memory,
        out_of_memory=out_of_memory,
    )


def _is_cut_off(pod: Object) -> bool:
    """Whether its node does not answer: other ranks end by themselves then, as if it were their own error."""
    ready = [each for each in pod["status"].get("conditions") or [] if each["type"] == "Ready"]
    deleted = "deletionTimestamp" in pod["metadata"]  # by the operator, once the job has failed
    return (
        pod["status"].get("phase") == "Running"
        and not deleted
        and any(condition["status"] != "True" for condition in ready)
    )


def _one_was_replaced(pods: Iterable[Object]) -> bool:
    """Whether a pod is much younger than another: the operator made it anew after one was deleted.

    The other ranks end by themselves then, by the connection that broke, as if it were their own error.
    """
    made = [pod["metadata"].get("creationTimestamp") for pod in pods]
    times = [datetime.fromisoformat(each) for each in made if each]
    return bool(times) and max(times) - min(times) > TOGETHER


def _disrupted(status: Object) -> bool:
    conditions = status.get("conditions") or []
    return any(each["type"] == "DisruptionTarget" and each["status"] == "True" for each in conditions)


def _line(event: Object) -> str:
    return f"{event.get('reason')}: {' '.join(event.get('message', '').split())}"


def _log_lines(cluster: Cluster, pod: str) -> list[str]:
    try:
        lines = cluster.log(pod, tail=LOG_LINES).data.decode(errors="replace").splitlines()
    except (ApiException, urllib3.exceptions.HTTPError):
        return []
    return [line.partition(" ")[2] for line in lines]
