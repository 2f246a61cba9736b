"""`clt logs`: what a run's tasks printed.

Kubeflow's API gives no logs, so they are read from the pods, as long as these are there. In a task's log what
Kubeflow's own launcher and executor say is several times ours.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from clt.cli.endpoint import Endpoint, connected
from clt.cli.run_pods import RunPod, connect_cluster, namespace_of, run_pods
from clt.errors import UserError

if TYPE_CHECKING:
    from clt.cluster import Cluster

CONTAINER = "main"
# Lines of Kubeflow's launcher (in klog's form), of its Python executor, and of Argo; a document in JSON may follow one.
PLUMBING = re.compile(
    r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\.go:\d+\]|\[KFP Executor [^\]]*\]:|time=\S+ level=\w+ msg=.* argo=true"
    r"|\{\"time\":.*\"argo\":true|Error: exit status \d+$"
)


def show_logs(endpoint: Endpoint, run_id: str, task: str | None, *, everything: bool = False) -> None:
    """Print what our code said in every task of a run (or in those with this name), each under a line that names it.

    With `everything` also what Kubeflow's launcher said, and the logs of its own pods.

    Raises UserError if the run is not known, the cluster cannot be reached, or no pod is left.
    """
    with connected(endpoint) as kfp:
        namespace = namespace_of(kfp, kfp.client.get_run(run_id))
    cluster = connect_cluster(namespace)
    pods = [pod for pod in run_pods(cluster, run_id) if everything or task == pod.task or not pod.is_driver]
    chosen = [pod for pod in pods if task in (None, pod.task)]
    if not chosen:
        raise UserError(_none_left(run_id, cluster.namespace, task, {pod.task for pod in pods}))
    for pod in chosen:
        click.echo(_head(pod))
        lines = _log(cluster, pod.name)
        for line in lines if everything or pod.is_driver else ours(lines):
            click.echo(line, nl=not line.endswith("\n"))


def ours(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a task's log without what Kubeflow says around our code."""
    document = False
    for line in lines:
        text = line.rstrip("\n")
        if document:  # printed over several lines, the last one closes it
            document = text != "}"
        elif PLUMBING.match(text):
            document = text.endswith("{") or text.endswith("Got executor_input:")
        else:
            yield line


def _head(pod: RunPod) -> str:
    where = "" if pod.iteration is None else f" of iteration {pod.iteration}"
    return f"== {pod.task}{where}  {pod.name}  {pod.phase}" + (f"  {pod.problem}" if pod.problem else "")


def _log(cluster: "Cluster", pod: str) -> Iterator[str]:
    """The lines of a pod's log; why there is none, or no more, is a line as well."""
    import urllib3
    from kubernetes.client.exceptions import ApiException

    try:
        for line in cluster.log(pod, container=CONTAINER):
            yield line.decode(errors="replace").partition(" ")[2]  # without its timestamp
    except ApiException as error:
        if error.status in (401, 403):
            raise UserError(
                f"namespace {cluster.namespace}: HTTP {error.status}, expected the right to read logs (get pods/log)"
            ) from error
        yield f"(no log: {error.reason})"  # not started yet, or gone in between
    except urllib3.exceptions.HTTPError as error:
        yield f"(the log broke off: {type(error).__name__}; ask again)"


def _none_left(run_id: str, namespace: str, task: str | None, tasks: set[str]) -> str:
    if tasks:
        return f"--task {task!r}: expected one of {', '.join(sorted(tasks))}"
    return (
        f"run {run_id}: no pod of it in the namespace {namespace}: not started yet, or removed since; Kubeflow's UI "
        f"shows archived logs where the installation keeps them, and `clt status --run {run_id}` the errors"
    )
