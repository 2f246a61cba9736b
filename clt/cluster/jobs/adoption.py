"""Whose a job is: which one a new launcher goes on with, and which one it must not touch."""

from collections.abc import Iterator
from typing import Any

from clt.cluster.jobs.cluster import PLURAL, Cluster, Object
from clt.cluster.jobs.conditions import is_finished
from clt.cluster.jobs.created import CREATED
from clt.cluster.jobs.job_spec import JobSpec
from clt.cluster.jobs.lease import is_long_stale
from clt.cluster.jobs.naming import MANAGED, job_name, lease_of
from clt.cluster.jobs.pytorch_job import SPEC_HASH
from clt.errors import CellFailure
from clt.study import StudyRecord


def standing_attempt(cluster: Cluster, spec: JobSpec, record: StudyRecord) -> int:
    """The number of the attempt that runs now; else, after what earlier runs left finished is deleted, 1.

    Jobs are found by name, which is that of their result, not by label: they may have been made for another study that
    needs the same, and a job of somebody else's with our name has to be met, too.
    """
    lease = lease_of(job_name(spec, record, 1))
    held = _is_held(cluster, lease)
    running = []
    for job in cluster.list(PLURAL):
        name = job["metadata"]["name"]
        if name == lease or lease_of(name) != lease:
            continue
        if is_finished(job) and is_managed(job) and not held:
            cluster.delete(PLURAL, name, job["metadata"]["uid"])
        elif "deletionTimestamp" not in job["metadata"]:
            running.append(int(name.rpartition("-")[2]))
    return max(running, default=1)


def require_ours(job: Object) -> None:
    """CellFailure unless a launcher like this one made the job."""
    if not is_managed(job):
        raise CellFailure(
            f"the PyTorchJob {job['metadata']['name']} exists and is not ours (it has no label {_label()}); delete or "
            "rename it, then run again"
        )


def require_same(job: Object, wanted: Object) -> None:
    """CellFailure, with the differences, unless the job was made from the specification that we would make it from.

    For which study and cell it was made does not matter: its name says that it makes the same result. Nor do its
    resources to who only waits with a launcher that has it.
    """
    name = job["metadata"]["name"]
    annotations = job["metadata"].get("annotations") or {}
    if annotations.get(SPEC_HASH) != wanted["metadata"]["annotations"][SPEC_HASH]:
        differences = "; ".join(_differences(wanted["spec"], job["spec"])) or "none that the cluster shows"
        raise CellFailure(
            f"the PyTorchJob {name} runs with another specification: {differences}. Wait for it, or delete it with "
            "`clt cleanup`, then run again: it resumes from its checkpoint"
        )


def is_managed(job: Object) -> bool:
    labels = job["metadata"].get("labels") or {}
    return all(labels.get(name) == value for name, value in MANAGED.items())


def _is_held(cluster: Cluster, name: str) -> bool:
    """Whether a launcher may live that still has to say how the job ended."""
    lease = cluster.get("leases", name)
    return lease is not None and not is_long_stale(lease)


def _label() -> str:
    return ", ".join(f"{name}={value}" for name, value in MANAGED.items())


def _differences(wanted: Any, actual: Any, path: str = "spec") -> Iterator[str]:
    """Where the job differs from what we want; what the cluster has filled in on its own is no difference."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        if wanted.get("name") == CREATED:
            return
        for name, value in wanted.items():
            if name == "command":  # names the study and the cell that it was made for
                continue
            yield from _differences(value, actual.get(name), f"{path}.{name}")
    elif isinstance(wanted, list) and isinstance(actual, list) and len(wanted) == len(actual):
        for index, (ours, theirs) in enumerate(zip(wanted, actual, strict=True)):
            yield from _differences(ours, theirs, f"{path}[{index}]")
    elif wanted != actual:
        yield f"{path} is {actual!r}, expected {wanted!r}"
