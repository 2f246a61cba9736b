"""The KFP component evaluate: import, call, record."""

from kfp.dsl import HTML, Dataset, Markdown, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def evaluate(
    store: str,
    study_key: str,
    cell_key: str,
    run: str,
    scores: Output[Dataset],
    mean_scores: Output[Markdown],
    samples: Output[HTML],
) -> None:
    """Score a cell's checkpoints; scores per item go to the store.

    scores metadata: cell, store_uri, key, location, checksum, selected; mean_scores: by task, metric and language;
    samples: what the model answered, the worst first.
    """
    from pathlib import Path

    from clt.cluster import JobSpec, cell_step, record_pointer, run_job

    job = JobSpec(kind="evaluation", store=store, study_key=study_key, cell_key=cell_key, run=run)
    step = cell_step(store, study_key, cell_key, "evaluate", run, lambda _: run_job(job))
    record_pointer(scores, step.scores())
    Path(mean_scores.path).write_text(step.mean_scores(), encoding="utf-8")
    Path(samples.path).write_text(step.samples(), encoding="utf-8")
