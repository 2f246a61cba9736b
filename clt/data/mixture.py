"""The mixing step: the exact training and validation rows of a cell, and the test items of its tasks."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from clt.data.catalog import Catalog
from clt.data.items import write_items
from clt.data.overlap import RULE
from clt.data.ranking import Hashes
from clt.data.selection import Selection, rows_to_draw
from clt.data.text_facts import TextCounts
from clt.errors import StudyError
from clt.store import MAX_EXAMPLES, ArtifactFile, LeftOut, LeftOutRows, MixtureMetadata, Store, read_record
from clt.study import Cell, StudyRecord, task_rows, task_validation

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
    catalog = Catalog(record.study, store, record.facts)
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
    train: Chosen = {}
    validation: Chosen = {}
    needed = rows_to_draw(
        record.study, record.grid
    )  # of all cells: what is held out or dropped must not depend on this one
    selections = {task: Selection(catalog, task, needed[task]) for task in sorted(cell.tasks)}
    for task, selection in selections.items():
        selection.recall()
        for language in sorted(task_validation(record.study, cell, task)):
            validation[task, language] = selection.validation(language)
        for language, count in sorted(task_rows(record.study, cell, task).items()):
            train[task, language] = selection.training(language, count, cell.seed)
    dropped = {task: _dropped(catalog, task, selection, cell) for task, selection in selections.items()}
    with store.writer(record.mixture_key(cell)) as attempt:
        texts = TextCounts()
        ids = _write(attempt.path / ArtifactFile.TRAIN, catalog, train, texts)
        _write(attempt.path / ArtifactFile.VALIDATION, catalog, validation, TextCounts())
        rows = sum(map(len, train.values()))
        english = sum(len(hashes) for (_, code), hashes in train.items() if code == record.study.languages.english)
        MixtureMetadata(
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
        ).write(attempt)


def _rule(record: StudyRecord, task: str) -> dict[str, Any]:
    """By what the rows of a task were held against its test items."""
    compared = record.study.tasks[task].decontamination
    return {"compared": list(compared)} | (RULE if "text" in compared else {})


def _write(path: Path, catalog: Catalog, chosen: Chosen, texts: TextCounts) -> str:
    """Write the rows; returns the SHA-256 of their tasks, languages and ids in order."""
    ids = hashlib.sha256()
    with path.open("wb") as file:
        for row in _rows(catalog, chosen):
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            texts.add(row)
            ids.update(f"{row['task']}\t{row['language']}\t{row['id']}\n".encode())
    return ids.hexdigest()


def _rows(catalog: Catalog, chosen: Chosen) -> Iterator[dict[str, str]]:
    for (task, language), hashes in chosen.items():
        for identifier, prompt, answer in catalog.language_split(task, "train", language).rendered(hashes):
            yield {"id": identifier, "task": task, "language": language, "prompt": prompt, "answer": answer}


def _counts(chosen: Chosen) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (task, language), hashes in chosen.items():
        counts.setdefault(task, {})[language] = len(hashes)
    return counts


def _dropped(catalog: Catalog, task: str, selection: Selection, cell: Cell) -> dict[str, LeftOut]:
    """Bad rows (by location) and test items (by id) that were left out, a language each."""
    dropped = {}
    study = catalog.study
    for language in sorted({*task_rows(study, cell, task), *task_validation(study, cell, task)}):
        split = catalog.language_split(task, "train", language)
        reasons = dict(split.index.skipped)
        for reason, hashes in selection.dropped(language).items():
            reasons[reason] = LeftOutRows(count=len(hashes), examples=split.identifiers(hashes[:MAX_EXAMPLES]))
        if reasons:
            dropped[language] = reasons
    return dropped


def _totals(dropped: dict[str, dict[str, LeftOut]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for languages in dropped.values():
        for reasons in languages.values():
            for reason, rows in reasons.items():
                totals[reason] = totals.get(reason, 0) + rows.count
    return dict(sorted(totals.items()))
