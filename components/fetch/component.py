"""The KFP component fetch: import, call."""

from kfp.dsl import component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def fetch(store: str, study_key: str, run: str) -> None:
    """Bring the study's hub models into the store, so that no pod with accelerators needs the hub."""
    from clt.cluster import fetch_step

    fetch_step(store, study_key, run)
