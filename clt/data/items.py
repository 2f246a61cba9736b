"""The test items of a task: which rows are evaluated, in every evaluated language."""

from functools import reduce

import numpy as np
import orjson

from clt.data.catalog import Catalog
from clt.data.ranking import Hashes, in_order
from clt.errors import DataError
from clt.store import ArtifactFile, ItemsMetadata, Store
from clt.study import StudyRecord


def choose_items(catalog: Catalog, task: str) -> dict[str, Hashes]:
    """The hashed ids of the items in each evaluated language (sorted), in the order of their ranks.

    Items that all evaluated languages have come first, so `max_items` takes those; a language fills up with its own
    only where too few are shared. Raises DataError for a language without items.
    """
    splits = {code: catalog.language_split(task, "test", code) for code in sorted(catalog.study.evaluated(task))}
    for split in splits.values():
        if not len(split.index.entries):
            raise DataError(
                f"{split.label}: there are no test items in {split.rows.name}, expected at least one: "
                f"add rows, or take {split.language} out of languages.evaluate"
            )
    shared = shared_ids([split.index.ids for split in splits.values()])
    chosen = {}
    for code, split in splits.items():
        own = np.setdiff1d(split.index.ids, shared)
        ordered = np.concatenate([in_order(shared, "items"), in_order(own, "items")])
        chosen[code] = ordered[: catalog.study.evaluation.max_items]
    return chosen


def shared_ids(languages: list[Hashes]) -> Hashes:
    """The ids that every language has."""
    return reduce(np.intersect1d, languages)


def write_items(store: Store, record: StudyRecord, catalog: Catalog, task: str) -> None:
    """Publish items.jsonl, rows {id, language, prompt, reference} sorted by language and rank, and ItemsMetadata.

    Nothing happens if it is there already.
    """
    key = record.items_key(task)
    if store.manifest(key) is not None:
        return
    chosen = choose_items(catalog, task)
    with store.writer(key) as attempt:
        with (attempt.path / ArtifactFile.ITEMS).open("wb") as file:
            for language, hashes in chosen.items():
                for identifier, prompt, answer in catalog.language_split(task, "test", language).rendered(hashes):
                    item = {"id": identifier, "language": language, "prompt": prompt, "reference": answer}
                    file.write(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))
        splits = {language: catalog.language_split(task, "test", language) for language in chosen}
        ItemsMetadata(
            task=task,
            counts={language: len(hashes) for language, hashes in chosen.items()},
            shared_items=len(shared_ids(list(chosen.values()))),
            skipped={language: split.index.skipped for language, split in splits.items() if split.index.skipped},
            sources={language: split.index.checksum for language, split in splits.items()},
        ).write(attempt)
