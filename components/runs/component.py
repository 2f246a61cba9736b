"""The doors to Kubeflow for what a whole run does: its plan, its clean-up, and waiting for other runs."""

from typing import NamedTuple

from kfp.dsl import Markdown, Output, component

from components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def plan(study: str, store: str, shard: str, repeat: str, run: str, overview: Output[Markdown]) -> NamedTuple(  # type: ignore[valid-type]
    "Planned", [("study_key", str), ("cells", list[str])]
):
    """Check the study, publish its record at `studies/STUDY_KEY`, show its cells and cost; pass on this run's cells."""
    from pathlib import Path

    from components.runs import describe_plan, start_run

    started = start_run(store, study, shard, repeat, run)
    Path(overview.path).write_text(describe_plan(store, started), encoding="utf-8")
    return (started.study_key, started.cells)


@component(base_image=IMAGE, install_kfp_package=False)
def cleanup(store: str, run: str) -> None:
    """Delete the jobs that this run left, and print what became of its cells.

    It runs after success, failure and termination.
    """
    from components.runs import tidy

    print(tidy(store, run))


@component(base_image=IMAGE, install_kfp_package=False)
def await_runs(study: str, store: str, repeat: str, run: str) -> None:
    """Wait until every cell of the study is done, or the run that took it has ended."""
    from components.runs import await_runs

    await_runs(store, study, repeat, run)
