"""The KFP component evaluate: import, call, record."""

from kfp.dsl import Dataset, Metrics, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def evaluate(
    store: str, study_key: str, cell_key: str, run: str, scores: Output[Dataset], metrics: Output[Metrics]
) -> None:
    """Score a cell's checkpoints; scores per item go to the store.

    scores metadata: cell, store_uri, key, checksum, selected; metrics: the mean of each task, metric and language.
    """
    from clt.cluster import JobSpec, cell_step, run_job

    with cell_step(store, study_key, cell_key, "evaluate", run) as step:
        run_job(JobSpec(kind="evaluation", store=store, study_key=study_key, cell_key=cell_key, run=run))
    scores.metadata.update(step.scores())
    for name, value in step.mean_scores().items():
        metrics.log_metric(name, value)
