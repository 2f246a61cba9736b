"""The KFP component cleanup: import, call, record."""

from kfp.dsl import component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def cleanup(store: str, run: str) -> None:
    """Delete the jobs that this run left, and print what became of its cells.

    It runs after success, failure and termination.
    """
    from clt.cluster import finalize_run

    print(finalize_run(store, run))
