"""The pods of a run, read with the user's own kubeconfig (or the pod's service account): Kubeflow's API has none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clt.cli.endpoint import Connection

if TYPE_CHECKING:
    from clt.cluster import Cluster

RUN_LABEL = "pipeline/runid"
NODE = "workflows.argoproj.io/node-name"  # such as RUN.root.exit-handler-1.plan.executor
ITERATION = re.compile(r"\((\d+):")  # of a loop, in the name of a node
DEFAULT_NAMESPACE = "kubeflow"  # where an installation for one user runs its pods
RETRY_SECONDS = 10.0  # for an API server that does not answer
ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPod:
    name: str
    task: str  # such as train; of Kubeflow's own pod before it train-driver
    iteration: int | None  # of the loop over the cells
    phase: str
    problem: str  # why it waits or failed, in the cluster's own words; empty if nothing is known to be wrong
    created: str

    @property
    def is_driver(self) -> bool:
        """Whether it is Kubeflow's own, which prepares a task."""
        return self.task.endswith("-driver")

    @property
    def hangs(self) -> bool:
        """Whether it has not started, for a reason that lasts."""
        return self.phase == "Pending" and bool(self.problem)


def namespace_of(kfp: Connection, run: Any) -> str:
    """Where a run's pods are."""
    namespace = kfp.client.get_experiment(experiment_id=run.experiment_id).namespace
    return namespace or kfp.namespace or DEFAULT_NAMESPACE


def connect_cluster(namespace: str) -> "Cluster":
    """A namespace of the user's cluster. UserError without a kubeconfig."""
    from clt.cluster import Cluster

    return Cluster.connect(namespace, retry_seconds=RETRY_SECONDS)


def run_pods(cluster: "Cluster", run_id: str) -> list[RunPod]:
    """All pods of a run that run a task or prepare one, in the order in which they were made.

    UserError if the cluster does not answer, or lets us not look.
    """
    pods = (_run_pod(pod) for pod in cluster.list("pods", labels=f"{RUN_LABEL}={run_id}"))
    return sorted((pod for pod in pods if pod is not None), key=lambda pod: (pod.created, pod.name))


def _run_pod(pod: Any) -> RunPod | None:
    node = pod["metadata"].get("annotations", {}).get(NODE, "")
    parts = node.split(".")
    executor = len(parts) > 1 and parts[-1].startswith("executor")
    if not executor and not parts[-1].endswith("-driver"):
        return None
    iterations = ITERATION.findall(node)
    return RunPod(
        name=pod["metadata"]["name"],
        task=parts[-2] if executor else parts[-1],
        iteration=int(iterations[-1]) if iterations else None,
        phase=pod["status"].get("phase", "Pending"),
        problem=next(_problems(pod["status"]), ""),
        created=str(pod["metadata"]["creationTimestamp"]),
    )


def _problems(status: Any) -> Iterator[str]:
    """What keeps a pod from running, or ended it."""
    if status.get("reason"):  # Evicted, DeadlineExceeded
        yield _line(status["reason"], status.get("message"))
    for kind in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(kind) or []:
            state = container.get("state", {})
            waiting, ended = state.get("waiting", {}), state.get("terminated", {})
            if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
                yield _line(waiting["reason"], waiting.get("message"))
            if ended.get("exitCode"):
                yield f"{ended.get('reason', 'Error')} (exit code {ended['exitCode']})"
    for condition in status.get("conditions") or []:
        if condition["type"] == "PodScheduled" and condition.get("status") == "False":
            yield _line(condition.get("reason", "not scheduled"), condition.get("message"))


def _line(reason: str, message: str | None) -> str:
    return f"{reason}: {' '.join(message.split())}" if message else reason
