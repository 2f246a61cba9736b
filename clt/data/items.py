"""The test items of a task: which rows are evaluated, in every evaluated language."""

from functools import reduce

import numpy as np

from clt.data.catalog import Catalog
from clt.data.content import rows_digest
from clt.data.ranking import Hashes, in_order
from clt.errors import DataError


def choose_items(catalog: Catalog, task: str) -> dict[str, Hashes]:
    """The hashed ids of the items in each evaluated language (sorted), in the order of their ranks.

    `max_items` takes those that all evaluated languages have; a language fills up with its own only where too few are
    shared. Their order says nothing of that: the same items are the same rows, whatever other languages are evaluated.
    Raises DataError for a language without items.
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
        chosen[code] = in_order(ordered[: catalog.study.evaluation.max_items], "items")
    return chosen


def items_digests(catalog: Catalog, task: str) -> dict[str, str]:
    """A digest of the items of each evaluated language: ids, prompts and references in order."""
    chosen = choose_items(catalog, task)
    splits = {code: catalog.language_split(task, "test", code) for code in chosen}
    return {code: rows_digest(hashes, splits[code].contents(hashes)) for code, hashes in chosen.items()}


def shared_ids(languages: list[Hashes]) -> Hashes:
    """The ids that every language has."""
    return reduce(np.intersect1d, languages)
