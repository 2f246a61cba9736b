"""The launcher: makes a job's PyTorchJob, or adopts the one that is there, and stays with it until it has ended.

A job that the cluster lost, or that fell silent, is started again, by a number of its own; a user's error is not.
"""

from clt.cluster.jobs.adoption import standing_attempt
from clt.cluster.jobs.attended_job import AttendedJob
from clt.cluster.jobs.cluster import Cluster
from clt.cluster.jobs.http_retries import counted_retries
from clt.cluster.jobs.installation import Installation
from clt.cluster.jobs.job_spec import JobSpec
from clt.cluster.jobs.launcher_metrics import RETRIES, LauncherMetrics, serve_metrics
from clt.cluster.jobs.lease import Lease
from clt.cluster.jobs.naming import job_name, labels, lease_of
from clt.cluster.jobs.pod_fields import as_the_cluster_allows
from clt.cluster.jobs.pytorch_job import pytorch_job
from clt.errors import CellFailure
from clt.logs import set_up_logging
from clt.store import open_store
from clt.study import StudyRecord


def launch_from_pod(spec: JobSpec, record: StudyRecord, installation: Installation) -> None:
    """As `launch`, by the pod's own account, with log lines and metrics for whoever watches the pod."""
    cluster = Cluster.connect()
    set_up_logging()
    serve_metrics()
    with counted_retries(RETRIES.inc):
        launch(spec, record, as_the_cluster_allows(installation, cluster), cluster)


def launch(spec: JobSpec, record: StudyRecord, installation: Installation, cluster: Cluster) -> None:
    """Return when the job's output is complete in the store.

    Raises CellFailure with the job's own error, or with conditions, events and log lines; UserError for missing rights
    or a cluster that does not answer. SIGTERM deletes the job and ends the process.
    """
    store = open_store(spec.store)
    lease = Lease(cluster, lease_of(job_name(spec, record, 1)), labels(spec))
    metrics = LauncherMetrics(spec)
    try:
        attempt = first = standing_attempt(cluster, spec, record)
        while True:
            body = pytorch_job(spec, record, installation, attempt)
            job = AttendedJob(spec, record, cluster, store, lease, body, metrics)
            with job.ended_by_sigterm():
                failure = job.complete()
            if failure is None or not failure.retry or attempt - first >= record.study.resources.restarts:
                lease.release()
                break
            job.say(f"lost: {failure.text}\nstarted again, from its last state")
            metrics.restarted()
            attempt += 1
    finally:
        lease.abandon()  # after an error: it goes with its job, or else the next launcher or the reaper finds it stale
    if failure is not None:
        raise failure.error or CellFailure(f"{spec.cell_key}: {spec.kind} failed (job {job.name}): {failure.text}")
