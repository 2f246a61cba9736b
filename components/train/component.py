"""The KFP component train: import, call, record."""

from kfp.dsl import Markdown, Model, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def train(
    store: str, study_key: str, cell_key: str, run: str, model: Output[Model], validation_losses: Output[Markdown]
) -> None:
    """Train a cell's model; checkpoints go to the store.

    model metadata: cell, store_uri, key, location, checksum, selected, tokens, seconds; validation_losses: of the
    selected checkpoint, per language.
    """
    from pathlib import Path

    from clt.cluster import JobSpec, cell_step, record_pointer, run_job

    job = JobSpec(kind="training", store=store, study_key=study_key, cell_key=cell_key, run=run)
    step = cell_step(store, study_key, cell_key, "train", run, lambda _: run_job(job))
    record_pointer(model, step.model())
    Path(validation_losses.path).write_text(step.validation_losses(), encoding="utf-8")
