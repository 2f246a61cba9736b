"""`clt logs`: what a run's tasks printed.

Kubeflow's API gives no logs, so they are read from the pods, by the Kubernetes API and the user's own kubeconfig (or
the pod's service account). They are there as long as the pods are.
"""

from collections.abc import Iterable
from typing import Any

import click

from components.study import UserError
from pipelines.endpoint import Endpoint, connected

RUN_LABEL = "pipeline/runid"
NODE = "workflows.argoproj.io/node-name"  # such as RUN.root.study.plan.executor
CONTAINER = "main"
DEFAULT_NAMESPACE = "kubeflow"  # where an installation for one user runs its pods


def show_logs(endpoint: Endpoint, run_id: str, task: str | None) -> None:
    """Print the logs of every task of a run (or of those with this name), each under a line that names it.

    Raises UserError if the run is not known, the cluster cannot be reached, or no pod is left.
    """
    with connected(endpoint) as kfp:
        run = kfp.client.get_run(run_id)
        namespace = kfp.client.get_experiment(experiment_id=run.experiment_id).namespace or endpoint.namespace
    _print(run_id, namespace or DEFAULT_NAMESPACE, task)


def _print(run_id: str, namespace: str, task: str | None) -> None:
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    api = _core_api()
    try:
        pods = api.list_namespaced_pod(namespace, label_selector=f"{RUN_LABEL}={run_id}").items
        named = [(name, pod) for pod in _by_start(pods) if (name := _task(pod)) is not None]
        chosen = [(name, pod) for name, pod in named if task is None or name == task]
        if not chosen:
            raise UserError(_none_left(run_id, namespace, task, {name for name, _ in named}))
        for name, pod in chosen:
            click.echo(f"== {name}  {pod.metadata.name}  {pod.status.phase}")
            click.echo(_log(api, pod))
    except ApiException as error:
        raise UserError(
            f"namespace {namespace}: HTTP {error.status} {error.reason}, expected the right to read its pods and logs"
        ) from error
    except HTTPError as error:
        raise UserError(f"the cluster's API cannot be reached ({error}); is KUBECONFIG the right one?") from error


def _core_api() -> Any:
    from kubernetes import client, config

    try:
        config.load_config()
    except config.ConfigException as error:
        raise UserError(
            f"no access to the cluster ({error}): logs are read from the pods, expected a kubeconfig (KUBECONFIG)"
        ) from error
    return client.CoreV1Api()


def _task(pod: Any) -> str | None:
    """The task whose component the pod runs; None for a pod of the back end's own."""
    node = (pod.metadata.annotations or {}).get(NODE, "").split(".")
    return node[-2] if len(node) > 1 and node[-1].startswith("executor") else None


def _by_start(pods: Iterable[Any]) -> list[Any]:
    return sorted(pods, key=lambda pod: pod.metadata.creation_timestamp)


def _log(api: Any, pod: Any) -> str:
    from kubernetes.client import ApiException

    try:
        # The plain text: kubernetes 30 turns a log of JSON lines into a Python repr otherwise.
        answer = api.read_namespaced_pod_log(
            pod.metadata.name, pod.metadata.namespace, container=CONTAINER, _preload_content=False
        )
        return str(answer.data.decode(errors="replace")).rstrip("\n")
    except ApiException as error:
        if error.status not in (400, 404):  # not started yet, or gone in between
            raise
        return f"(no log: {error.reason})"


def _none_left(run_id: str, namespace: str, task: str | None, tasks: set[str]) -> str:
    if tasks:
        return f"--task {task!r}: expected one of {', '.join(sorted(tasks))}"
    return (
        f"run {run_id}: no pod of it in the namespace {namespace}: not started yet, or removed since; Kubeflow's UI "
        f"shows archived logs where the installation keeps them, and `clt status --run {run_id}` the errors"
    )
