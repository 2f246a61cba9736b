"""A study file as a plan: from its data where they are on this machine, else from what it declares."""

from pathlib import Path

from clt.planning.model_inspection import inspect_model
from clt.planning.planner import Plan, declared_record, default_workers, make_plan
from clt.study import Facts, Study, StudyRecord, expand, is_hub_id, load_study, resolve, select_cells


def read_study(path: str, limit: int | None = None) -> Study:
    """The study in a file with its paths resolved; with `limit`, its pilot of that many rows. Raises StudyError."""
    study = resolve(load_study(path), Path(path).parent)
    return study if limit is None else study.limited(limit)


def plan_file(study: Study, cells: str | None, workers: int | None, repeat: str = "") -> Plan:
    """The costs of a study's cells (`cells`: of those that the filter names), without a store and without the network.

    Data and weights in local folders are inspected; if some data are elsewhere, all numbers are the declared ones.
    """
    record = _inspected(study, repeat) if is_local(study) else declared_record(study, repeat)
    return plan_selected(record, cells, workers or default_workers(record))


def plan_selected(record: StudyRecord, cells: str | None, workers: int) -> Plan:
    """The costs of the cells that a filter names (None: all)."""
    grid = record.grid if cells is None else select_cells(record.grid, cells)
    return make_plan(record.model_copy(update={"grid": grid}), workers=workers)


def is_local(study: Study) -> bool:
    """Whether all data are on this machine, and all weights or the number of their parameters.

    A path that only a cluster's pods know, such as /data/train.en.jsonl, is not, provided that the study says how many
    rows or parameters are there: without that it is taken for a mistake, which inspecting it tells.
    """
    sources = [source for task in study.tasks.values() for source in (task.train, task.test)]
    return all(_is_here(source.path or source.hub, source.rows is not None) for source in sources) and all(
        model.path is not None and (is_hub_id(model.path) or _is_here(model.path, model.parameters is not None))
        for model in study.models
    )


def _is_here(place: str | None, declared: bool) -> bool:
    if place is None or is_hub_id(place):
        return False
    return not declared or Path(place.partition("{")[0] + "_").parent.exists()


def _inspected(study: Study, repeat: str) -> StudyRecord:
    from clt.data import inspect_sources

    grid = expand(study, repeat)
    facts = Facts(
        sources=inspect_sources(study, grid), models={model.name: inspect_model(model) for model in study.models}
    )
    return StudyRecord(study=study, facts=facts, grid=grid, repeat=repeat)
