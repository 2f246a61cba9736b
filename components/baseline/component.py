"""The KFP component baseline: import, call, record."""

from kfp.dsl import HTML, Markdown, Metrics, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def baseline(
    store: str, run: str, verdict: Output[Markdown], history: Output[HTML], verdict_metrics: Output[Metrics]
) -> None:
    """Record this run of a recurring baseline, judge the baseline, and tell its webhooks of a change, once.

    history is history.html; verdict holds the same in short. A run with cells without scores is not recorded, and a
    study without `baseline` has nothing to judge: both are said and are no error. The study comes from the run's note
    and not from the plan's outputs: this task runs although others failed.
    """
    from clt.cluster import publish_baseline

    for name, value in publish_baseline(store, run, verdict.path, history.path).items():
        verdict_metrics.log_metric(name, value)
