"""`clt logs`: what a run's tasks printed.

Kubeflow's API gives no logs, so they are read from the pods, with the user's own kubeconfig (or the pod's service
account). They are there as long as the pods are.
"""

from typing import TYPE_CHECKING, Any

import click

from clt.cli.endpoint import Endpoint, connected
from clt.errors import UserError

if TYPE_CHECKING:
    from clt.cluster import Cluster

RUN_LABEL = "pipeline/runid"
NODE = "workflows.argoproj.io/node-name"  # such as RUN.root.study.plan.executor
CONTAINER = "main"
DEFAULT_NAMESPACE = "kubeflow"  # where an installation for one user runs its pods
RETRY_SECONDS = 10.0  # for an API server that does not answer


def show_logs(endpoint: Endpoint, run_id: str, task: str | None) -> None:
    """Print the logs of every task of a run (or of those with this name), each under a line that names it.

    Raises UserError if the run is not known, the cluster cannot be reached, or no pod is left.
    """
    with connected(endpoint) as kfp:
        run = kfp.client.get_run(run_id)
        namespace = kfp.client.get_experiment(experiment_id=run.experiment_id).namespace or endpoint.namespace
    from clt.cluster import Cluster

    cluster = Cluster.connect(namespace or DEFAULT_NAMESPACE, retry_seconds=RETRY_SECONDS)
    pods = cluster.list("pods", labels=f"{RUN_LABEL}={run_id}")
    named = [(name, pod) for pod in sorted(pods, key=_created) if (name := _task(pod)) is not None]
    chosen = [(name, pod) for name, pod in named if task in (None, name)]
    if not chosen:
        raise UserError(_none_left(run_id, cluster.namespace, task, {name for name, _ in named}))
    for name, pod in chosen:
        click.echo(f"== {name}  {pod['metadata']['name']}  {pod['status']['phase']}")
        _echo_log(cluster, pod["metadata"]["name"])


def _created(pod: Any) -> str:
    return str(pod["metadata"]["creationTimestamp"])


def _task(pod: Any) -> str | None:
    """The task whose component the pod runs; None for a pod of the back end's own."""
    node = pod["metadata"].get("annotations", {}).get(NODE, "").split(".")
    return node[-2] if len(node) > 1 and node[-1].startswith("executor") else None


def _echo_log(cluster: "Cluster", pod: str) -> None:
    import urllib3
    from kubernetes.client.exceptions import ApiException

    try:
        for line in cluster.log(pod, container=CONTAINER):
            _, _, text = line.decode(errors="replace").partition(" ")  # without its timestamp
            click.echo(text, nl=not text.endswith("\n"))
    except ApiException as error:
        if error.status in (401, 403):
            raise UserError(
                f"namespace {cluster.namespace}: HTTP {error.status}, expected the right to read logs (get pods/log)"
            ) from error
        click.echo(f"(no log: {error.reason})")  # not started yet, or gone in between
    except urllib3.exceptions.HTTPError as error:
        click.echo(f"(the log broke off: {type(error).__name__}; ask again)")


def _none_left(run_id: str, namespace: str, task: str | None, tasks: set[str]) -> str:
    if tasks:
        return f"--task {task!r}: expected one of {', '.join(sorted(tasks))}"
    return (
        f"run {run_id}: no pod of it in the namespace {namespace}: not started yet, or removed since; Kubeflow's UI "
        f"shows archived logs where the installation keeps them, and `clt status --run {run_id}` the errors"
    )
