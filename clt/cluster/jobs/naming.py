"""What a job is called in a cluster, and the labels by which its run and its study find it again.

Names are deterministic: two launchers of one cell mean the same job. They are DNS-1035 labels, and short enough for the
suffixes of pods and for a host name (63 characters).
"""

import re

from clt.cluster.jobs.job_spec import JobSpec
from clt.hashing import digest

DOMAIN = "cross-lingual-transfer"
QUEUE = "kueue.x-k8s.io/queue-name"  # the label by which Kueue knows a job's LocalQueue
MANAGED = {"app.kubernetes.io/managed-by": DOMAIN}
_LONGEST = 45  # of a job's name; "-worker-999" follows


def job_name(spec: JobSpec, attempt: int) -> str:
    """Such as `train-small-math-n20-1f0c2a9be3-1`: kind, the start of the cell's key, a hash of all, the attempt."""
    mark = digest([spec.store, spec.study_key, spec.cell_key, spec.kind])[:10]
    kind = {"training": "train", "evaluation": "evaluate"}[spec.kind]
    start = re.sub(r"[^a-z0-9]+", "-", f"{kind}-{spec.cell_key}".lower())[: _LONGEST - len(mark) - 5].strip("-")
    return f"{start}-{mark}-{attempt}"  # the start is as long for any attempt up to 999


def lease_of(job: str) -> str:
    """The name of the Lease of a job: all attempts of a cell's training share one. A Lease's own name is itself."""
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
