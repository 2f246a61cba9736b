"""Why a job does not run, from objects as a cluster shows them (Kubernetes 1.33, training-operator 1.9.3)."""

from typing import Any

import pytest

from clt.cluster.jobs.pending_reason import pending_reason
from clt.study import Resources


def job(**run_policy: Any) -> dict[str, Any]:
    spec = {"runPolicy": run_policy, "pytorchReplicaSpecs": {"Master": {"replicas": 1}, "Worker": {"replicas": 1}}}
    return {"metadata": {"name": "j", "labels": {"kueue.x-k8s.io/queue-name": "q"}}, "spec": spec}


def pod(phase: str = "Pending", waiting: dict[str, str] | None = None, unschedulable: str = "") -> dict[str, Any]:
    status: dict[str, Any] = {"phase": phase}
    if waiting is not None:
        status["containerStatuses"] = [{"name": "pytorch", "state": {"waiting": waiting}}]
    if unschedulable:
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": unschedulable}
        status["conditions"] = [condition]
    return {"metadata": {"name": "j-master-0", "uid": "u"}, "status": status}


def event(reason: str, message: str, uid: str = "u", kind: str = "Warning") -> dict[str, Any]:
    return {"type": kind, "reason": reason, "message": message, "involvedObject": {"uid": uid}}


def test_a_job_that_was_just_made_waits_for_whoever_has_not_spoken_yet_and_quietly() -> None:
    waits = pending_reason(job(), [], [])
    assert waits.cause == "operator" and waits.quiet_seconds == 60
    created = job() | {"status": {"conditions": [{"type": "Created", "status": "True"}]}}
    assert pending_reason(created, [pod()], []).cause == "operator"  # it wants a Worker, too
    assert pending_reason(created, [pod(), pod()], []).cause == "scheduler"
    starting = pod(waiting={"reason": "ContainerCreating"})
    starting["status"]["conditions"] = [{"type": "PodScheduled", "status": "True"}]
    assert pending_reason(created, [starting, starting], []).cause == "start"


@pytest.mark.parametrize(
    ("pods", "events", "reason", "text"),
    [
        ([pod(unschedulable="0/1 nodes are available: 1 Insufficient cpu.")], [], "room", "Insufficient cpu"),
        ([pod(waiting={"reason": "ErrImagePull", "message": "not found"})], [], "image", "ErrImagePull: not found"),
        ([pod(waiting={"reason": "InvalidImageName"})], [], "image", "InvalidImageName"),
        ([pod(waiting={"reason": "CreateContainerConfigError"})], [], "configuration", "CreateContainerConfigError"),
        ([pod()], [event("FailedMount", 'secret "s" not found')], "configuration", 'FailedMount: secret "s" not found'),
        ([], [event("FailedCreatePod", "exceeded quota: gpus", uid="j")], "quota", "exceeded quota: gpus"),
        ([], [event("FailedCreatePod", "violates PodSecurity", uid="j")], "configuration", "violates PodSecurity"),
    ],
)
def test_the_clusters_own_words_say_what_a_job_waits_for(
    pods: list[dict[str, Any]], events: list[dict[str, Any]], reason: str, text: str
) -> None:
    pending = pending_reason(job(), pods, events)
    assert (pending.cause, text in pending.text) == (reason, True)
    assert pending.advice()


def test_a_suspended_job_waits_for_its_queue() -> None:
    pending = pending_reason(job(suspend=True), [], [])
    assert pending.cause == "admission" and "'q'" in pending.text


def test_a_workers_refusal_is_seen_while_the_master_runs() -> None:
    refused = event("FailedCreatePod", "violates PodSecurity", uid="j")
    pending = pending_reason(job(), [pod("Running")], [refused])
    assert pending.cause == "configuration"


def test_the_timeout_depends_on_what_may_still_come() -> None:
    resources = Resources.model_validate({"timeouts": {"image_minutes": 1, "unschedulable_hours": 2}})
    image = pending_reason(job(), [pod(waiting={"reason": "ErrImagePull"})], [])
    unschedulable = pending_reason(job(), [pod(unschedulable="x")], [])
    assert (image.timeout_seconds(resources), unschedulable.timeout_seconds(resources)) == (60, 7200)
