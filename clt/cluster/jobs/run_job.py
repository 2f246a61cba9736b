"""Doing a job: in this process, or as a PyTorchJob on a cluster.

Training and evaluation load torch and the cluster's client is heavy too: each is imported only when needed.
"""

from importlib.util import find_spec

from clt.cluster.jobs.installation import from_environment
from clt.cluster.jobs.job_spec import JobSpec
from clt.errors import UserError
from clt.store import open_store, read_record


def run_job(spec: JobSpec) -> None:
    """Do the job: what is complete in the store is not done again.

    A pod that was told of an installation (see `clt.cluster.jobs.installation`) launches a PyTorchJob and waits for it;
    any other process does the work itself.

    Args:
        spec: Which cell of which study, and whether to train or to evaluate.

    Raises:
        CellFailure: The step's own error, or what the cluster says of a job that failed.
        StoreError: The store is away, or has no such study.
        UserError: The cluster does not answer, rights are missing, or this process has no torch.
    """
    installation = from_environment()
    if installation is None:
        run_in_process(spec)
        return
    store = open_store(spec.store)
    record = read_record(store, spec.study_key)
    if spec.is_complete(store, record):
        return
    from clt.cluster.jobs.launch import launch_from_pod

    launch_from_pod(spec, record, installation)


def run_in_process(spec: JobSpec) -> None:
    """Do the job in this process. UserError in an image without torch."""
    if find_spec("torch") is None:
        raise UserError(
            "this image has no torch to train or evaluate with: compile the pipeline with --gpu-image, so that jobs on "
            "that image do it; on a laptop install the extra `train`"
        )
    store = open_store(spec.store)
    if spec.kind == "training":
        from clt.training import train

        train(store, spec.study_key, spec.cell_key)
    else:
        from clt.evaluation import evaluate

        evaluate(store, spec.study_key, spec.cell_key)
