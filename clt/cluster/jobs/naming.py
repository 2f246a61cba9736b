"""What a job is called in a cluster, and the labels by which its run and its study find it again.

Names are deterministic, of the result that a job makes: two launchers that need the same training mean the same job,
whatever their studies are called. They are DNS-1035 labels, and short enough for the suffixes of pods and for a host
name (63 characters); the labels say for people which cell it is.
"""

import re

from clt.cluster.jobs.job_spec import JobSpec
from clt.hashing import digest
from clt.study import StudyRecord

DOMAIN = "cross-lingual-transfer"
QUEUE = "kueue.x-k8s.io/queue-name"  # the label by which Kueue knows a job's LocalQueue
MANAGED = {"app.kubernetes.io/managed-by": DOMAIN}
_MARK = 16  # hexadecimal digits


def job_name(spec: JobSpec, record: StudyRecord, attempt: int) -> str:
    """Such as `train-1f0c2a9be37d5a60-1`: the kind, a hash of the store and of what it makes there, the attempt."""
    mark = digest([spec.store, spec.output_key(record)])[:_MARK]
    kind = {"training": "train", "evaluation": "evaluate"}[spec.kind]
    return f"{kind}-{mark}-{attempt}"


def lease_of(job: str) -> str:
    """The name of the Lease of a job: all attempts at one result share it. A Lease's own name is itself."""
    start, _, attempt = job.rpartition("-")
    return start if attempt.isdigit() and len(attempt) < 4 else job


def labels(spec: JobSpec) -> dict[str, str]:
    """Of a job and its Lease."""
    facts = {"study": spec.study_key, "cell": spec.cell_key, "kind": spec.kind, "run": spec.run}
    return MANAGED | {f"{DOMAIN}/{name}": label_value(value) for name, value in facts.items() if value}


def label_value(text: str) -> str:
    """A text as the value of a label: itself where that is allowed, else its start and a hash."""
    if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", text):
        return text
    start = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:50].strip("-._")
    return f"{start}-{digest(text)[:10]}".strip("-._")
