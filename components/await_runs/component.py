"""The KFP component await_runs: import, call, record."""

from kfp.dsl import component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def await_runs(study: str, store: str, repeat: str, run: str) -> None:
    """Wait until every cell of the study is done, or the run that took it has ended."""
    from clt.cluster import await_runs

    await_runs(store, study, repeat, run)
