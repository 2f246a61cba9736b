"""`clt cancel`: the end of a run, and of what it leaves in the cluster where Kubeflow does not end it itself."""

import time
from typing import TYPE_CHECKING

import click

from clt.cli.endpoint import Connection, Endpoint, connected
from clt.cli.run_pods import ENDED, RunPod, connect_cluster, namespace_of, run_pods
from clt.cli.run_status import FINISHED, outcome
from clt.errors import UserError

if TYPE_CHECKING:
    from clt.cluster import Cluster

WAIT_SECONDS = 60.0  # for the run's end: its exit task takes 15 s, more where its image is not on the node
POLL_SECONDS = 3.0


def cancel(endpoint: Endpoint, run_id: str) -> None:
    """Terminate a run that is not over, wait a little, then end what hangs and say what is left."""
    with connected(endpoint) as kfp:
        run = kfp.client.get_run(run_id)
        if outcome(run) in FINISHED:
            click.echo(f"run {run_id} is over: {outcome(run)}; nothing to cancel")
            return
        if outcome(run) != "cancelling":
            kfp.client.terminate_run(run_id)
        namespace = namespace_of(kfp, run)
        click.echo(f"run {run_id} ({run.display_name}) is being cancelled: its exit task deletes its jobs")
        if _is_over(kfp, run_id):
            click.echo(f"run {run_id} is over: {outcome(kfp.client.get_run(run_id))}")
        else:
            _end(run_id, namespace)
            if not _is_over(kfp, run_id):
                click.echo(f"Kubeflow still shows it as {outcome(kfp.client.get_run(run_id))}")
    click.echo("complete steps stay in the store: submit the study again to go on from there")


def _is_over(kfp: Connection, run_id: str) -> bool:
    """Whether the run ends within a little while."""
    end = time.monotonic() + WAIT_SECONDS
    while outcome(kfp.client.get_run(run_id)) not in FINISHED:
        if time.monotonic() >= end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _end(run_id: str, namespace: str) -> None:
    """Delete what the run has left in the cluster; where we may not, say what is to be typed by who may."""
    try:
        cluster = connect_cluster(namespace)
        for pod in run_pods(cluster, run_id):
            if pod.phase not in ENDED:
                _end_pod(cluster, pod)
        _delete_jobs(cluster, run_id)
    except UserError as error:
        click.echo(
            f"what it has left could not be ended from here: {error}\nwith a kubeconfig of the cluster:\n"
            f"  kubectl delete pods --namespace {namespace} --selector pipeline/runid={run_id} "
            f"--field-selector status.phase=Pending\n  clt cleanup --namespace {namespace} --run {run_id}"
        )


def _end_pod(cluster: "Cluster", pod: RunPod) -> None:
    """Let a pod's time be up, so that Kubeflow sees it fail; delete one that no node has.

    A run whose hanging pod was deleted stays in CANCELING.
    """
    from clt.cluster import Missing

    if not pod.hangs:
        click.echo(f"left: pod {pod.name} of {pod.task} is {pod.phase}")
        return
    try:
        if "Unschedulable" in pod.problem:
            cluster.delete("pods", pod.name)
        else:
            cluster.merge("pods", pod.name, {"spec": {"activeDeadlineSeconds": 1}})
    except Missing:
        return
    click.echo(f"ended: pod {pod.name} of {pod.task}, which hung: {pod.problem}")


def _delete_jobs(cluster: "Cluster", run_id: str) -> None:
    from clt.cluster import delete_jobs, find_jobs

    jobs = find_jobs(cluster, run=run_id)
    delete_jobs(cluster, jobs)
    for job in jobs:
        click.echo(f"deleted: job {job.name} ({job.state})")
