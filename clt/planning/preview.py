"""A study file as a plan: from its data where they are on this machine, else from what it declares."""

from dataclasses import replace
from pathlib import Path

from clt.planning.model_inspection import inspect_model
from clt.planning.outlook import Outlook, look_ahead
from clt.planning.planner import Plan, declared_record, default_workers, make_plan
from clt.store import Store
from clt.study import (
    FORMATS,
    Grid,
    Study,
    StudyRecord,
    expand,
    is_hub_id,
    is_inline,
    is_object,
    load_study,
    resolve,
    select_cells,
)

ELSEWHERE = (
    "the data are not on this machine, and what is drawn from them decides what has to be done; ask where they are, "
    "as the pipeline's plan task does"
)


def read_study(source: Path | str, limit: int | None = None) -> Study:
    """The study in a file or a text, with its paths resolved.

    Args:
        source: The path of the file, or the text itself, whose paths are relative to the working directory.
        limit: The pilot of the study: at most so many rows; None: the study itself.

    Raises:
        StudyError: As `load_study` and `resolve`.
    """
    study = resolve(load_study(source), Path.cwd() if is_inline(source) else Path(source).parent)
    return study if limit is None else study.limited(limit)


def preview_plan(
    study: Study, cells: str | None, workers: int | None, repeat: str = "", store: Store | None = None
) -> Plan:
    """The costs of a study's cells, without the network but for a store's; nothing is written.

    Data and weights in local folders are inspected; if some data are elsewhere, all numbers are the declared ones.

    Args:
        study: With resolved paths.
        cells: A filter (see `select_cells`); None: all.
        workers: Cells side by side; None: `default_workers`.
        repeat: Part of every cell's identity.
        store: Where it would run: the plan says what is there, and why the rest is not.

    Raises:
        StudyError: A model that cannot be used, or a size that is neither at hand nor declared.
        DataError: A source that cannot be used.
        UserError: A filter that matches nothing.
    """
    study, here = study.of_run(0), is_local(study)
    record, notes = inspected_record(study, repeat, store) if here else (declared_record(study, repeat), ())
    plan = plan_selected(record, cells, default_workers(record) if workers is None else workers)
    plan = replace(plan, notes=(*plan.notes, *notes))
    if store is None:
        return plan
    chosen = record.model_copy(update={"grid": _chosen(record, cells)})
    return replace(plan, outlook=look_ahead(store, chosen) if here else Outlook(store=store.uri, unknown=ELSEWHERE))


def plan_selected(record: StudyRecord, cells: str | None, workers: int) -> Plan:
    """The costs of the cells of a record that a filter names (None: all), so many of them side by side.

    Raises:
        UserError: The filter matches nothing.
    """
    return make_plan(record.model_copy(update={"grid": _chosen(record, cells)}), workers=workers)


def _chosen(record: StudyRecord, cells: str | None) -> Grid:
    return record.grid if cells is None else select_cells(record.grid, cells)


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
    if place is None or is_hub_id(place) or is_object(place):
        return False
    return not declared or Path(place.partition("{")[0] + "_").parent.exists()


def inspected_record(study: Study, repeat: str, store: Store | None) -> tuple[StudyRecord, tuple[str, ...]]:
    """The record of a study whose data are here (`is_local`), and notes on what its rows are found to be like.

    Args:
        study: With resolved paths.
        repeat: Part of every cell's identity.
        store: Rows are drawn, which keys need, if one is given; nothing is written to it.
    """
    from clt.data import Catalog, inspect_catalog, splits_needed
    from clt.planning.example_fit import example_notes
    from clt.planning.text_fit import text_notes

    grid, catalog = expand(study, repeat), Catalog(study, store, keep=False)
    models = {model.name: inspect_model(model, store) for model in study.models}
    draw = store is not None  # costs need no rows, keys do
    facts = inspect_catalog(catalog, grid, draw=draw).model_copy(update={"models": models})
    record = StudyRecord(study=study, facts=facts, grid=grid, repeat=repeat, formats=FORMATS)
    keys = splits_needed(study, grid)
    return record, (*catalog.described(keys), *text_notes(catalog, keys), *example_notes(catalog))
