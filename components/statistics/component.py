"""The KFP component statistics: import, call, record."""

from kfp.dsl import HTML, Markdown, Metrics, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def statistics(store: str, run: str, summary: Output[Markdown], report: Output[HTML], metrics: Output[Metrics]) -> None:
    """Compute the statistics of this run's study from all scores in the store; then fail if a cell of the run has none.

    report is report.html itself; summary and metrics hold EN, S and U of every curve at its largest n. The study comes
    from the run's note and not from the plan's outputs: this task runs although others failed, the plan among them.
    """
    import shutil
    from pathlib import Path

    from clt.cluster import planned_study, require_complete, run_step, summarize
    from clt.statistics import transfer_statistics

    with run_step(store, run, "statistics") as opened:
        folder = transfer_statistics(opened, planned_study(store, run))
        shutil.copyfile(folder / "report.html", report.path)
        text, numbers = summarize(folder / "statistics.json")
        Path(summary.path).write_text(text, encoding="utf-8")
        for name, value in numbers.items():
            metrics.log_metric(name, value)
        require_complete(store, run)
