"""Jobs that nobody looks after any more: those of a run that has ended, and those whose Lease is stale."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from components.jobs.cluster import Cluster, Object
from components.jobs.conditions import state
from components.jobs.lease import DURATION, RENEW, is_stale
from components.jobs.naming import DOMAIN, MANAGED, label_value
from components.jobs.pytorch_job import PLURAL


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundJob:
    name: str
    uid: str
    state: str  # of its conditions, such as Running; Lease if only that is left
    study: str
    cell: str
    run: str
    created: str  # ISO 8601, UTC
    stale: bool  # no launcher has renewed its Lease in time


def find_jobs(cluster: Cluster, *, run: str = "", study: str = "", stale: bool = False) -> list[FoundJob]:
    """Our jobs in the namespace: all, or those of a run or a study; with `stale` only those whose launcher is silent.

    To find stale ones takes `RENEW` seconds more if there seem to be any: after an outage of the API server no launcher
    could renew, and each gets the time to.
    """
    asked = {"run": run, "study": study}
    wanted = MANAGED | {f"{DOMAIN}/{name}": label_value(value) for name, value in asked.items() if value}
    selector = ",".join(f"{name}={value}" for name, value in wanted.items())
    found = _look(cluster, selector)
    if not stale:
        return found
    if any(job.stale for job in found):
        time.sleep(2 * RENEW)
        found = _look(cluster, selector)
    return [job for job in found if job.stale]


def delete_jobs(cluster: Cluster, jobs: list[FoundJob]) -> None:
    """Delete jobs and their Leases; those that are gone by now, or made anew, are left."""
    for job in jobs:
        if job.state == "Lease" or cluster.delete(PLURAL, job.name, job.uid):
            cluster.delete("leases", job.name)


def _look(cluster: Cluster, selector: str) -> list[FoundJob]:
    leases = {lease["metadata"]["name"]: lease for lease in cluster.list("leases", labels=selector)}
    jobs = [_found(job, leases.pop(job["metadata"]["name"], None)) for job in cluster.list(PLURAL, labels=selector)]
    return jobs + [_found(lease, lease) for lease in leases.values()]


def _found(thing: Object, lease: Object | None) -> FoundJob:
    metadata = thing["metadata"]
    labels = metadata.get("labels") or {}
    return FoundJob(
        name=metadata["name"],
        uid=metadata["uid"],
        state="Lease" if thing is lease else state(thing),
        created=metadata["creationTimestamp"],
        stale=is_stale(lease) if lease is not None else _age(metadata["creationTimestamp"]) > DURATION,
        **{name: labels.get(f"{DOMAIN}/{name}", "") for name in ("study", "cell", "run")},
    )


def _age(created: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(created)).total_seconds()
