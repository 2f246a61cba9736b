"""The mixing step: the exact training and validation rows of a cell, and the test items of its tasks."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from clt.data.catalog import Catalog
from clt.data.item_files import write_items
from clt.data.overlap import RULE
from clt.data.ranking import Hashes
from clt.data.selection import Drawn, Selection, rows_to_draw
from clt.data.text_facts import TextCounts
from clt.errors import StudyError
from clt.store import MAX_EXAMPLES, ArtifactFile, LeftOut, LeftOutRows, MixtureMetadata, Store, read_record
from clt.study import Cell, StudyRecord, draw_name, task_rows, task_validation

Chosen = dict[tuple[str, str], Hashes]  # (task, language) -> rows in the order of their ranks


def mix(store: Store, study_key: str, cell_key: str) -> None:
    """Publish the items of the cell's tasks and, unless it is a base model, its mixture; what is there already stays.

    The mixture holds train.jsonl and validation.jsonl, rows {id, task, language, prompt, answer} sorted by task,
    language and rank, and MixtureMetadata.

    Args:
        store: Holds the planned study; its sources are read from where the study says.
        study_key: What `publish_record` returned for the study.
        cell_key: The key of a cell of its grid.

    Raises:
        StudyError: The study has no such cell.
        DataError: A source has changed since the plan, a row is bad, or there are too few.
    """
    record = read_record(store, study_key)
    cell = _cell(record, cell_key)
    catalog = Catalog(record.study, store, record.facts.checksums())
    for task in cell.tasks:
        write_items(store, record, catalog, task)
    if not cell.is_base and store.manifest(record.mixture_key(cell)) is None:
        _write_mixture(store, record, catalog, cell)


def _cell(record: StudyRecord, key: str) -> Cell:
    try:
        return record.grid.cell(key)
    except KeyError:
        known = ", ".join(cell.key for cell in record.grid.cells[:5])
        raise StudyError(
            f"cell {key!r}: not in study {record.key}, expected one of its cells, such as {known}"
        ) from None


def _write_mixture(store: Store, record: StudyRecord, catalog: Catalog, cell: Cell) -> None:
    # Of all cells: what is held out or dropped must not depend on this one.
    needed = rows_to_draw(record.study, record.grid)
    selections = {task: Selection(catalog, task, needed[task]) for task in sorted(cell.tasks)}
    validation: Chosen = {}
    train: Chosen = {}
    dropped: dict[str, dict[str, LeftOut]] = {}
    for task, selection in selections.items():
        selection.recall()
        counts = task_rows(record.study, cell, task)
        for language in sorted(task_validation(record.study, cell, task)):
            drawn = selection.training(language, counts.get(language, 0), cell.seed)
            validation[task, language] = selection.validation(language).rows
            if language in counts:
                train[task, language] = drawn.rows
            if reasons := _left_out(selection, language, drawn):
                dropped.setdefault(task, {})[language] = reasons
    planned = {place: record.facts.draws.get(_draw_name(record, cell, *place)) for place in validation}
    with store.writer(record.mixture_key(cell)) as attempt:
        rows = {place: None if draw is None else draw.rows for place, draw in planned.items()}
        texts = TextCounts()
        ids = _write(attempt.path / ArtifactFile.TRAIN, catalog, train, rows, texts)
        rows = {place: None if draw is None else draw.validation for place, draw in planned.items()}
        _write(attempt.path / ArtifactFile.VALIDATION, catalog, validation, rows, TextCounts())
        _metadata(record, cell, train, validation, dropped, ids, texts).write(attempt)


def _draw_name(record: StudyRecord, cell: Cell, task: str, language: str) -> str:
    return draw_name(task, language, cell.seed, task_rows(record.study, cell, task).get(language, 0))


def _metadata(
    record: StudyRecord,
    cell: Cell,
    train: Chosen,
    validation: Chosen,
    dropped: dict[str, dict[str, LeftOut]],
    ids: str,
    texts: TextCounts,
) -> MixtureMetadata:
    rows = sum(map(len, train.values()))
    english = sum(len(hashes) for (_, code), hashes in train.items() if code == record.study.languages.english)
    return MixtureMetadata(
        rows=rows,
        counts=_counts(train),
        validation_counts=_counts(validation),
        non_english_share=(rows - english) / rows,
        seed=cell.seed,
        dropped=_totals(dropped),
        dropped_rows=dropped,
        sources={
            name: facts.checksum for name, facts in record.facts.sources.items() if name.split("/")[0] in cell.tasks
        },
        ids_sha256=ids,
        texts=texts.result(),
        decontamination={task: _rule(record, task) for task in sorted(cell.tasks)},
    )


def _rule(record: StudyRecord, task: str) -> dict[str, Any]:
    """By what the rows of a task were held against its test items."""
    compared = record.study.tasks[task].decontamination
    return {"compared": list(compared)} | (RULE if "text" in compared else {})


def _write(
    path: Path,
    catalog: Catalog,
    chosen: Chosen,
    planned: Mapping[tuple[str, str], str | None],
    texts: TextCounts,
) -> str:
    """Write rows, which must be the planned ones, and count their texts.

    Returns:
        SHA-256 of their tasks, languages and ids in order.
    """
    ids = hashlib.sha256()
    with path.open("wb") as file:
        for (task, language), hashes in chosen.items():
            split = catalog.language_split(task, "train", language)
            for identifier, prompt, answer in split.verified(hashes, planned[task, language]):
                row = {"id": identifier, "task": task, "language": language, "prompt": prompt, "answer": answer}
                file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
                texts.add(row)
                ids.update(f"{task}\t{language}\t{identifier}\n".encode())
    return ids.hexdigest()


def _counts(chosen: Chosen) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (task, language), hashes in chosen.items():
        counts.setdefault(task, {})[language] = len(hashes)
    return counts


def _left_out(selection: Selection, language: str, drawn: Drawn) -> LeftOut:
    """Bad rows (by location) and test items (by id) that were passed over in one language."""
    split = selection.splits[language]
    reasons = dict(split.index.skipped)
    for reason, hashes in selection.left_out(language, drawn).items():
        reasons[reason] = LeftOutRows(count=len(hashes), examples=split.identifiers(hashes[:MAX_EXAMPLES]))
    return reasons


def _totals(dropped: dict[str, dict[str, LeftOut]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for languages in dropped.values():
        for reasons in languages.values():
            for reason, rows in reasons.items():
                totals[reason] = totals.get(reason, 0) + rows.count
    return dict(sorted(totals.items()))
