"""The files of a task's test items: what is asked, and the solved examples that stand before it."""

from typing import Any

import orjson

from clt.data.catalog import Catalog
from clt.data.items import choose_items, shared_ids
from clt.data.shots import write_shots
from clt.data.templates import parted
from clt.errors import DataError
from clt.metrics import constraint_problem
from clt.store import ArtifactFile, ItemsMetadata, Store
from clt.study import StudyRecord, Task


def write_items(store: Store, record: StudyRecord, catalog: Catalog, task: str) -> None:
    """Publish items.jsonl, shots.jsonl (see `write_shots`), and ItemsMetadata; nothing if they are there already.

    Rows of items.jsonl are {id, language, prompt, reference}, sorted by language and rank; where an item offers
    choices also {choices, right}: their texts, and the place of the right one, which is the reference; and where the
    task has them {constraints}.
    """
    key = record.items_key(task)
    if store.manifest(key) is not None:
        return
    chosen, spec = choose_items(catalog, task), record.study.tasks[task]
    with store.writer(key) as attempt:
        with (attempt.path / ArtifactFile.ITEMS).open("wb") as file:
            for language, hashes in chosen.items():
                planned = record.facts.items.get(f"{task}/{language}")
                for identifier, prompt, answer in catalog.language_split(task, "test", language).verified(
                    hashes, planned
                ):
                    item = {"id": identifier, "language": language, "prompt": prompt}
                    place = f"task {task}, language {language}, item {identifier!r}"
                    item |= _expected(place, spec, parted(answer))
                    file.write(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))
        write_shots(attempt, record, catalog, task)
        splits = {language: catalog.language_split(task, "test", language) for language in chosen}
        ItemsMetadata(
            task=task,
            counts={language: len(hashes) for language, hashes in chosen.items()},
            shared_items=len(shared_ids(list(chosen.values()))),
            skipped={language: split.index.skipped for language, split in splits.items() if split.index.skipped},
            sources={language: split.index.checksum for language, split in splits.items()},
        ).write(attempt)


def check_items(catalog: Catalog, task: str) -> None:
    """DataError if what answers are held against is not what the task says, in any row that is a test item."""
    spec = catalog.study.tasks[task]
    if spec.choices is None and spec.constraints is None:
        return
    for language, hashes in choose_items(catalog, task).items():
        split = catalog.language_split(task, "test", language)
        for identifier, _, answer in split.rendered(hashes):
            _expected(f"{split.label}: {split.rows.name}: item {identifier!r}", spec, parted(answer))


def _expected(place: str, spec: Task, texts: list[str]) -> dict[str, Any]:
    """What answers to an item are held against; `texts` are of the task's templates for it."""
    checks: dict[str, Any] = {}
    if spec.constraints is not None:
        *texts, checks["constraints"] = texts
        if problem := constraint_problem(checks["constraints"]):
            raise DataError(f"{place}: {problem}")
    if spec.choices is None:
        return checks | {"reference": texts[0]}
    return checks | _choices(place, spec.choices.right_is, *texts)


def _choices(place: str, is_named_by: str | None, *texts: str) -> dict[str, Any]:
    """Choices and, last, which is right, as an item has them; blank ones are none, so items may offer fewer.

    Args:
        place: For messages.
        is_named_by: How the right one is named; None: by whatever names one alone.
        texts: The choices, and how the right one is named.

    Raises:
        DataError: None of them is the right one, or several could be.
    """
    *choices, right = texts
    right, offered = right.strip(), [number for number, choice in enumerate(choices) if choice.strip()]
    letters = [chr(ord("A") + number) for number in range(len(choices))]
    named = {
        "number": [number for number in offered if str(number + 1) == right],
        "letter": [number for number in offered if letters[number] == right],
        "text": [number for number in offered if choices[number].strip() == right],
    }
    found = {number for kind, numbers in named.items() for number in numbers if is_named_by in (None, kind)}
    if len(found) != 1:
        several = "which names several of them: say `choices.right_is`" if found else "which names none of them"
        raise DataError(
            f"{place}: got {right[:40]!r} as the right one of {len(choices)} choices, {several}, expected a number "
            f"from 1 to {len(choices)}, a letter from A to {letters[-1]}, or the text of one that is not blank"
        )
    index = found.pop()
    return {
        "reference": choices[index],
        "choices": [choices[number] for number in offered],
        "right": offered.index(index),
    }
