"""The step of a run that brings its study's hub models into the store, before any cell."""

from clt.cluster.runs.step import run_step
from clt.store import Store, read_record


def fetch_step(store_uri: str, study_key: str, run: str) -> None:
    """Bring the hub models of a planned study into the store; those that are there are passed over.

    Args:
        store_uri: The store's uri.
        study_key: The planned study.
        run: The run's id.

    Raises:
        StudyError: The hub does not have a model, or does not show it to us.
        UserError: The hub is away, also at the last try.
    """
    from clt.models import fetch_models

    def fetch(store: Store) -> None:
        fetch_models(store, read_record(store, study_key).study.models, lambda line: print(line, flush=True))

    run_step(store_uri, run, "fetch", fetch)
