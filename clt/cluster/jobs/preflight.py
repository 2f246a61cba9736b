"""What would fail in an hour fails when a run is planned: rights are asked for, every kind of job is tried dry.

A server-side dry run validates a job as its creation would, webhooks and quota included, and makes nothing.
"""

from clt.cluster.jobs.cluster import GROUP, PLURAL, Cluster, Conflict, Refused
from clt.cluster.jobs.installation import Installation
from clt.cluster.jobs.job_spec import JobSpec, Kind
from clt.cluster.jobs.pending_reason import QUOTA
from clt.cluster.jobs.pytorch_job import pytorch_job
from clt.errors import StudyError
from clt.study import Cell, StudyRecord

# What a launcher asks of the API server; manifests/ has the Role.
_RIGHTS = [
    *((verb, GROUP, PLURAL) for verb in ("create", "get", "list", "watch", "patch", "delete")),
    *((verb, "coordination.k8s.io", "leases") for verb in ("create", "get", "list", "update", "patch", "delete")),
    ("list", "", "pods"),
    ("get", "", "pods/log"),
    ("list", "", "events"),
]


def check_jobs(cluster: Cluster, record: StudyRecord, installation: Installation, store: str) -> None:
    """StudyError names the rights that are missing, or has the server's message for a job that it refuses."""
    missing = [f"{verb} {resource}" for verb, group, resource in _RIGHTS if not cluster.may(verb, group, resource)]
    if missing:
        raise StudyError(
            f"the service account may not {', '.join(missing)} in namespace {cluster.namespace}; expected clt-launcher "
            "(an empty field means Kubeflow's default account), with manifests/ applied there",
            field="Service Account",
        )
    for cell, kind in _different(record):
        spec = JobSpec(kind=kind, store=store, study_key=record.key, cell_key=cell.key)
        try:
            cluster.create(PLURAL, pytorch_job(spec, record, installation), dry_run=True)
        except Conflict:  # it runs already
            continue
        except Refused as refusal:
            if QUOTA in str(refusal):  # it may be free when the job's turn comes
                continue
            raise StudyError(
                f"the {kind} of model {cell.model} as a job: {refusal}; mend resources, above all resources.pod",
                field="resources",
            ) from refusal


def _different(record: StudyRecord) -> list[tuple[Cell, Kind]]:
    """A cell of each model and kind: jobs of other cells differ in nothing that the API server looks at."""
    kinds: tuple[Kind, ...] = ("training", "evaluation")
    cells = {cell.model: cell for cell in record.grid.cells}
    return [(cell, kind) for cell in cells.values() for kind in kinds]
