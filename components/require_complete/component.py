"""The KFP component require_complete: import, call, record."""

from kfp.dsl import component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def require_complete(store: str, run: str) -> None:
    """Fail if a cell of this run has no scores, and name each with its error.

    After `statistics`, since Kubeflow keeps no report of a task that failed.
    """
    from clt.cluster import require_complete

    require_complete(store, run)
