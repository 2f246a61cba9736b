"""The test items of a task: which rows are evaluated, in every evaluated language."""

from functools import reduce

import numpy as np
import orjson

from clt.data.catalog import Catalog
from clt.data.ranking import Hashes, in_order
from clt.errors import DataError
from clt.store import Store
from clt.study import StudyRecord

ITEMS = "items.jsonl"


def choose_items(catalog: Catalog, task: str) -> dict[str, Hashes]:
    """The hashed ids of the items in each evaluated language (sorted), in the order of their ranks.

    Items that all evaluated languages have come first, so `max_items` takes those; a language fills up with its own
    only where too few are shared. Raises DataError for a language without items.
    """
    parts = {code: catalog.part(task, "test", code) for code in sorted(catalog.study.languages.evaluate)}
    for part in parts.values():
        if not len(part.index.entries):
            raise DataError(
                f"{part.label}: there are no test items in {part.rows.name}, expected at least one: "
                f"add rows, or take {part.language} out of languages.evaluate"
            )
    shared = shared_ids([part.index.ids for part in parts.values()])
    chosen = {}
    for code, part in parts.items():
        own = np.setdiff1d(part.index.ids, shared)
        ordered = np.concatenate([in_order(shared, "items"), in_order(own, "items")])
        chosen[code] = ordered[: catalog.study.evaluation.max_items]
    return chosen


def shared_ids(languages: list[Hashes]) -> Hashes:
    """The ids that every language has."""
    return reduce(np.intersect1d, languages)


def write_items(store: Store, record: StudyRecord, catalog: Catalog, task: str) -> None:
    """Publish items.jsonl, rows {id, language, prompt, reference} sorted by language and rank.

    Metadata: task, counts {language: n}, shared_items (ids that all languages have), skipped (bad rows by reason),
    sources {language: checksum}. Nothing happens if it is there already.
    """
    key = record.items_key(task)
    if store.manifest(key) is not None:
        return
    chosen = choose_items(catalog, task)
    with store.writer(key) as attempt:
        with (attempt.path / ITEMS).open("wb") as file:
            for language, hashes in chosen.items():
                for identifier, prompt, answer in catalog.part(task, "test", language).rendered(hashes):
                    item = {"id": identifier, "language": language, "prompt": prompt, "reference": answer}
                    file.write(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))
        parts = {language: catalog.part(task, "test", language) for language in chosen}
        attempt.metadata.update(
            task=task,
            counts={language: len(hashes) for language, hashes in chosen.items()},
            shared_items=len(shared_ids(list(chosen.values()))),
            skipped={language: tallies for language, part in parts.items() if (tallies := part.index.skipped_facts())},
            sources={language: part.index.checksum for language, part in parts.items()},
        )
