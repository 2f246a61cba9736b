"""The KFP component mix: import, call, record."""

from kfp.dsl import Dataset, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def mix(store: str, study_key: str, cell_key: str, run: str, mixture: Output[Dataset], items: Output[Dataset]) -> None:
    """Write a cell's mixture and test items to the store.

    mixture metadata: cell, store_uri, key, location, checksum, counts, dropped; items metadata: a pointer, a task each.
    """
    from clt.cluster import cell_step, record_pointer
    from clt.data import mix

    step = cell_step(store, study_key, cell_key, "mix", run, lambda here: mix(here.store, study_key, cell_key))
    record_pointer(mixture, step.mixture())
    record_pointer(items, step.items())
