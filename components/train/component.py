"""The KFP component train: import, call, record."""

from kfp.dsl import Metrics, Model, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def train(store: str, study_key: str, cell_key: str, run: str, model: Output[Model], metrics: Output[Metrics]) -> None:
    """Train a cell's model; checkpoints go to the store.

    model metadata: cell, store_uri, key, checksum, selected, tokens, seconds; metrics: validation loss, per language.
    """
    from clt.cluster import JobSpec, cell_step, run_job

    with cell_step(store, study_key, cell_key, "train", run) as step:
        run_job(JobSpec(kind="training", store=store, study_key=study_key, cell_key=cell_key, run=run))
    model.metadata.update(step.model())
    for name, value in step.validation_losses().items():
        metrics.log_metric(name, value)
