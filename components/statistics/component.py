"""The KFP component statistics: import, call, record."""

from kfp.dsl import HTML, Markdown, Metrics, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def statistics(
    store: str, run: str, summary: Output[Markdown], report: Output[HTML], transfer_metrics: Output[Metrics]
) -> None:
    """Compute the statistics of this run's study from all scores in the store; cells without scores are no error here.

    report is report.html; summary and transfer_metrics hold EN, S and U of every curve at its largest n. The study
    comes from the run's note and not from the plan's outputs: this task runs although others failed.
    """
    from clt.cluster import publish_statistics

    for name, value in publish_statistics(store, run, summary.path, report.path).items():
        transfer_metrics.log_metric(name, value)
