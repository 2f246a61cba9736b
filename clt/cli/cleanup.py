"""`clt cleanup`: jobs that nobody looks after any more, and the end of them."""

import click

from clt.cluster import Cluster, delete_jobs, find_jobs
from clt.errors import UserError

RETRY_SECONDS = 60.0  # for an API server that does not answer: somebody is waiting


def clean_up(*, run: str, study: str, stale: bool, namespace: str | None, dry_run: bool) -> None:
    """Delete a run's jobs, a study's, or those whose launcher is silent, and say which. UserError without a choice."""
    if not (run or study or stale or dry_run):
        raise UserError(
            "got none of --run, --study and --stale, expected one: a job may be at work; --dry-run lists them all"
        )
    cluster = Cluster.connect(namespace, RETRY_SECONDS)
    jobs = find_jobs(cluster, run=run, study=study, stale=stale)
    for job in jobs:
        click.echo(f"{job.name}: {job.state}, made {job.created}; cell {job.cell}, run {job.run or '-'}")
    if not dry_run:
        delete_jobs(cluster, jobs)
    click.echo(f"{len(jobs)} {'found' if dry_run else 'deleted'} in namespace {cluster.namespace}")
