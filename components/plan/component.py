"""The KFP component plan: import, call, record."""

from typing import NamedTuple

from kfp.dsl import Markdown, Output, component

from clt.components.image import IMAGE


@component(base_image=IMAGE, install_kfp_package=False)
def plan(study: str, store: str, shard: str, repeat: str, run: str, plan_overview: Output[Markdown]) -> NamedTuple(  # type: ignore[valid-type]
    "Planned", [("study_key", str), ("cells", list[str])]
):
    """Check the study, publish its record at `studies/STUDY_KEY`, show its cells and cost; pass on this run's cells."""
    from pathlib import Path

    from clt.cluster import describe_plan, start_run

    started = start_run(store, study, shard, repeat, run)
    Path(plan_overview.path).write_text(describe_plan(store, started), encoding="utf-8")
    return (started.study_key, started.cells)
