"""Jobs that nobody looks after any more: those of a run that has ended, and those whose Lease nobody renews."""

import time
from dataclasses import dataclass

from clt.cluster.jobs.cluster import PLURAL, Cluster, Object
from clt.cluster.jobs.conditions import state
from clt.cluster.jobs.lease import DURATION, renewal
from clt.cluster.jobs.naming import DOMAIN, MANAGED, label_value, lease_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagedJob:
    name: str
    uid: str
    state: str  # of its conditions, such as Running; Lease if only that is left
    study: str
    cell: str
    run: str
    created: str  # ISO 8601, UTC
    lease: str  # the uid of its Lease, "" if there is none
    renewal: str  # what changes whenever a launcher renews the Lease


def find_jobs(cluster: Cluster, *, run: str = "", study: str = "", stale: bool = False) -> list[ManagedJob]:
    """Our jobs in the namespace: all, or those of a run or a study.

    To find stale ones takes a minute if there are any jobs: they are looked at twice, and whoever lives renews its
    Lease meanwhile, whatever its clock says.

    Args:
        cluster: The namespace to look in.
        run: Only jobs of the run with this id.
        study: Only jobs of the study with this key.
        stale: Only jobs whose launcher does not renew their Lease.

    Returns:
        The jobs, and Leases whose job is gone.

    Raises:
        UserError: The cluster does not answer, or we may not list there.
    """
    asked = {"run": run, "study": study}
    wanted = MANAGED | {f"{DOMAIN}/{name}": label_value(value) for name, value in asked.items() if value}
    selector = ",".join(f"{name}={value}" for name, value in wanted.items())
    jobs = _look(cluster, selector)
    if not stale or not jobs:
        return jobs
    time.sleep(DURATION)
    before = {(job.uid, job.renewal) for job in jobs}
    return [job for job in _look(cluster, selector) if (job.uid, job.renewal) in before]


def delete_jobs(cluster: Cluster, jobs: list[ManagedJob]) -> None:
    """Delete jobs and their Leases; those that are gone by now, or made anew, are left.

    Args:
        cluster: The namespace that they were found in.
        jobs: As `find_jobs` returns them.

    Raises:
        UserError: The cluster does not answer, or we may not delete there.
    """
    for job in jobs:
        if job.state != "Lease":
            cluster.delete(PLURAL, job.name, job.uid)
        if job.lease:
            cluster.delete("leases", lease_of(job.name), job.lease)


def _look(cluster: Cluster, selector: str) -> list[ManagedJob]:
    leases = {lease["metadata"]["name"]: lease for lease in cluster.list("leases", labels=selector)}
    objects = cluster.list(PLURAL, labels=selector)
    jobs = [_managed_job(job, leases.get(lease_of(job["metadata"]["name"]))) for job in objects]
    alone = leases.keys() - {lease_of(job.name) for job in jobs}
    return jobs + [_managed_job(leases[name], leases[name]) for name in sorted(alone)]


def _managed_job(thing: Object, lease: Object | None) -> ManagedJob:
    metadata = thing["metadata"]
    labels = metadata.get("labels") or {}
    return ManagedJob(
        name=metadata["name"],
        uid=metadata["uid"],
        state="Lease" if thing is lease else state(thing),
        created=metadata["creationTimestamp"],
        lease=lease["metadata"]["uid"] if lease is not None else "",
        renewal=renewal(lease) if lease is not None else "",
        **{name: labels.get(f"{DOMAIN}/{name}", "") for name in ("study", "cell", "run")},
    )
