"""What a store knows of a study: the cells that are done, what their runs showed, and what has to be said about it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clt.errors import StoreError
from clt.local import find_planned
from clt.next_cells.arms import Arms
from clt.next_cells.belief import Observations
from clt.planning import COMMON_SD, LANGUAGE_SD, declared_record, inspected_record, is_local
from clt.statistics import TargetScores, find_scores_of, no_scores, read_stored_scores, scores_of_targets
from clt.store import Store, read_record
from clt.study import Study, StudyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A study's record and what became of its cells."""

    record: StudyRecord
    done: frozenset[str]  # keys of trained cells with scores
    bases_to_do: tuple[str, ...]  # keys of base models without scores
    scores: Mapping[str, TargetScores]  # by task
    notes: tuple[str, ...]


def record_of(store: Store, study: Study, file: str) -> tuple[StudyRecord, tuple[str, ...]]:
    """The record of a study: its newest plan in the store, else what its data or its declarations say.

    Args:
        store: Where it was planned, or cells of an earlier version of it were run.
        study: With resolved paths.
        file: What messages call it.

    Returns:
        The record, and what the reader should know about it.
    """
    try:
        return read_record(store, find_planned(store, study, file, repeat="")), ()
    except StoreError:  # not planned there, or changed since: cells are known by what determines them
        pass
    if is_local(study):
        record, _ = inspected_record(study, "", store)
        return record, (
            f"{file} as it is was not planned in {store.uri}; cells of it that are there count all the same",
        )
    return declared_record(study), (
        f"{file} as it is was not planned in {store.uri}, and its data are not on this machine: nothing counts as run",
    )


def read_store(store: Store, record: StudyRecord, targets: Mapping[str, tuple[str, ...]]) -> Stored:
    """What the finished cells of a record showed for the targets (task to languages)."""
    stored = find_scores_of(store, {record.key: record})
    done = {checkpoint.cell.key for checkpoint in stored.complete}
    trained = {cell.key for cell in record.grid.cells if not cell.is_base}
    scores = scores_of_targets(read_stored_scores(store, stored), targets) if done & trained else {}
    states = Counter(cell.state for cell in stored.missing if cell.cell in trained and cell.state != "missing")
    told = [
        f"{count} {state} {'cell counts' if count == 1 else 'cells count'} as not run"
        for state, count in states.items()
    ]
    if not done & trained:
        told.append(f"no cell of the study is done in {store.uri}: what is proposed rests on no scores")
    every = {task: scores.get(task) or _unknown(record, task, codes) for task, codes in targets.items()}
    told += [
        _assumed(record.study.tasks[task].metrics[0], each.unit)
        for task, each in every.items()
        if not each.link.is_logit
    ]
    return Stored(
        record=record,
        done=frozenset(done & trained),
        bases_to_do=tuple(cell.key for cell in record.grid.cells if cell.is_base and cell.key not in done),
        scores=every,
        notes=tuple(dict.fromkeys(told)),
    )


def observations(record: StudyRecord, arms: Arms, scores: Mapping[str, TargetScores]) -> Observations:
    """Every run of a record's grid with the arm that it measures; a run that several curves share counts once."""
    cells: dict[tuple[str, str, str, int, int, str], str] = {
        (point.model, point.setting, point.mixture, point.samples_per_language, point.seed, task): point.cell
        for point in record.grid.points
        for task in point.tasks
    }
    found: dict[tuple[str, int], float] = {}
    for task, of_task in scores.items():
        for run in of_task.runs:
            cell = cells[run.model, run.setting, run.mixture, run.samples_per_language, run.seed, task]
            for position in arms.measured_by.get(cell, ()):
                if arms.task(position) == task:
                    found[cell, position] = run.value
    return Observations(np.array([position for _, position in found], dtype=int), np.array(list(found.values())))


def _assumed(metric: str, unit: float) -> str:
    """What stands for repeated runs of a metric of which the paper has none."""
    common, language = (f"{unit * sd:.1%}" for sd in (COMMON_SD, LANGUAGE_SD))
    return (
        f"{metric}: the paper's runs do not tell how runs differ in it; {common} of the score in all languages "
        f"together and {language} in each are assumed, beside what repeated runs tell"
    )


def _unknown(record: StudyRecord, task: str, codes: tuple[str, ...]) -> TargetScores:
    """A task of which nothing was run."""
    rows = min(record.facts.source(task, "test", code).rows for code in codes)
    items = min(rows, record.study.evaluation.max_items or rows)
    return no_scores(record.study.tasks[task].metrics[0], len(codes), items)
