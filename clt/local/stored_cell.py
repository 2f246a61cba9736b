"""Which trained or evaluated cell of a store a command means."""

import difflib
from collections.abc import Sequence

from clt.errors import StoreError, UserError
from clt.local.stored_study import plans_in
from clt.store import Store, read_record
from clt.study import Cell, StudyRecord

LISTED = 10  # cells that a message names


def find_cell(store: Store, cell: str, study_key: str | None = None) -> tuple[StudyRecord, Cell]:
    """A cell by its key, and the newest plan that has it.

    Args:
        store: Where it was planned.
        cell: Its key.
        study_key: Only of this study; None: of any study of the store. Where studies trained it differently (its key
            holds the names of a cell and not its data), the complete training is meant.

    Raises:
        UserError: There is no such cell; with names that are near. Or several were trained: with their studies.
    """
    records = _records(store) if study_key is None else {study_key: read_record(store, study_key)}
    having = {key: record for key, record in records.items() if _has(record, cell)}
    if not having:
        raise UserError(_unknown(store, cell, records))
    newest = next(iter(having.values()))
    if newest.grid.cell(cell).is_base:
        return newest, newest.grid.cell(cell)
    trained: dict[str, str] = {}  # training -> the newest study that has it
    for key, record in having.items():
        trained.setdefault(record.training_key(record.grid.cell(cell)), key)
    complete = [key for training, key in trained.items() if store.manifest(training) is not None]
    if len(complete) > 1:
        raise UserError(
            f"{cell}: studies of the store {store.uri} trained it differently: give --study, one of {complete}"
        )
    record = having[complete[0]] if complete else newest
    return record, record.grid.cell(cell)


def find_evaluated_cell(store: Store, cell: str | None, study_key: str | None = None) -> tuple[StudyRecord, Cell]:
    """An evaluated cell, and the newest plan that evaluated it.

    Args:
        store: Where it was planned.
        cell: Its key; None: the only cell that the study has evaluated.
        study_key: Of this study; None: of any study of the store, or, without a cell, of the newest.

    Raises:
        UserError: There is no such cell, or it is not evaluated; with the cells that are.
    """
    records = _records(store) if study_key is None else {study_key: read_record(store, study_key)}
    if cell is None:
        records = dict([*records.items()][:1])
    elif not any(_has(record, cell) for record in records.values()):
        raise UserError(_unknown(store, cell, records))
    keys = {
        (study, each.key): record.evaluation_key(each)
        for study, record in records.items()
        for each in record.grid.cells
    }
    there = store.manifests(keys.values())
    evaluated = [place for place, key in keys.items() if key in there]
    wanted = [place for place in evaluated if cell in (None, place[1])]
    if not wanted or (cell is None and len(wanted) > 1):
        raise UserError(_not_evaluated(store, cell, list(dict.fromkeys(name for _, name in evaluated))))
    study, name = wanted[0]
    return records[study], records[study].grid.cell(name)


def _records(store: Store) -> dict[str, StudyRecord]:
    """The store's plans that this version can read, newest first."""
    plans, records = plans_in(store), {}
    for key in sorted(plans, key=lambda key: plans[key].created, reverse=True):
        try:
            records[key] = read_record(store, key)
        except StoreError:
            continue
    return records


def _has(record: StudyRecord, cell: str) -> bool:
    return any(each.key == cell for each in record.grid.cells)


def _unknown(store: Store, cell: str, records: dict[str, StudyRecord]) -> str:
    if not records:
        return f"got cell {cell!r}, and there is no study in the store {store.uri}; is its address right?"
    known = dict.fromkeys(each.key for record in records.values() for each in record.grid.cells)
    near = difflib.get_close_matches(cell, known, n=3, cutoff=0.3) or list(known)[:3]
    such_as = f", such as {', '.join(near)}" if near else ""
    return (
        f"got cell {cell!r}, expected one of the {len(known)} cells of {', '.join(records)} in the store "
        f"{store.uri}{such_as}; `clt status --store {store.uri} STUDY` lists them"
    )


def _not_evaluated(store: Store, cell: str | None, evaluated: Sequence[str]) -> str:
    got = "got none" if cell is None else f"got {cell!r}, which is not evaluated yet"
    more = ", ..." if len(evaluated) > LISTED else ""
    known = f": {', '.join(evaluated[:LISTED])}{more}" if evaluated else ", and there is none yet"
    return f"--cell: {got}, expected an evaluated cell of the store {store.uri}{known}"
