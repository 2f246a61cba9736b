"""What a job's conditions say. The status is absent, or its conditions null, for a new job's first moments."""

from clt.cluster.jobs.cluster import Object


def has(job: Object, kind: str) -> bool:
    """Whether a condition, such as Running, is true; a condition that was true once stays in the list as False."""
    return any(each["type"] == kind and each["status"] == "True" for each in _conditions(job))


def is_finished(job: Object) -> bool:
    return has(job, "Succeeded") or has(job, "Failed")


def state(job: Object) -> str:
    """The one word that tells most: Failed, Succeeded, Suspended, Running, Restarting, Created."""
    known = ("Failed", "Succeeded", "Suspended", "Running", "Restarting")
    return next((kind for kind in known if has(job, kind)), "Created")


def message(job: Object, kind: str) -> str:
    return next((each.get("message", "") for each in _conditions(job) if each["type"] == kind), "")


def _conditions(job: Object) -> list[Object]:
    return (job.get("status") or {}).get("conditions") or []
