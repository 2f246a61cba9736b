"""Test items and their translations stay out of every mixture: by id, and by the text of the prompt.

- By id: a training row whose id is the id of a row of its task's test source in any evaluated language. (Row numbers
  are no ids: numbered rows are compared by text alone.)
- By text: the rule of `overlap`, against the test items of its task in all evaluated languages.
- A row found either way is left out in every training language of the task: the same id in another language is its
  translation.
A task may narrow this to ids or to texts, or switch it off (`decontamination`).
Ids are compared over whole sources. Texts are compared only for rows that come up for a mixture: the mixture is
the same as if whole sources were compared, at a cost that grows with the mixture and not with the corpus. The plan step
does it once for the rows of all cells and keeps what it found in the store.
"""

from functools import cached_property
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from clt.data.catalog import Catalog
from clt.data.items import choose_items
from clt.data.overlap import ItemTexts
from clt.data.parallel_map import parallel_map
from clt.data.ranking import Hashes
from clt.store import ArtifactFile, open_store
from clt.study import Study

SAME_ID = "same id as a test item"
TRANSLATION = "translation of a row with a test item"
NONE = np.empty(0, dtype=np.uint64)
LARGE_ROWS = 100_000  # to compare in about two seconds, twice as long as new processes take to start


class Decontamination:
    """What is known about one task's training rows: which hold a test item, and which have been compared."""

    def __init__(self, catalog: Catalog, task: str, languages: list[str]) -> None:
        self._catalog = catalog
        self._task = task
        self._compared_by = catalog.study.tasks[task].decontamination
        self.splits = {code: catalog.language_split(task, "train", code) for code in languages}
        self._compared = NONE
        self._reasons: dict[int, tuple[str, str]] = {}  # hashed id -> reason and language, of those found by text

    @cached_property
    def _items(self) -> dict[str, Hashes]:
        return choose_items(self._catalog, self._task)

    @property
    def items(self) -> int:
        """Test items over all languages: about how many rows a comparison by text can cost."""
        if "text" not in self._compared_by:
            return 0
        return sum(map(len, self._items.values()))

    @cached_property
    def _texts(self) -> ItemTexts:
        splits = {code: self._catalog.language_split(self._task, "test", code) for code in self._items}
        return ItemTexts(text for code, split in splits.items() for text in split.texts(self._items[code]))

    @cached_property
    def _test_ids(self) -> Hashes:
        if "id" not in self._compared_by:
            return NONE
        indexes = [self._catalog.language_split(self._task, "test", code).index for code in self._items]
        return np.unique(np.concatenate([NONE, *(index.ids for index in indexes if not index.numbered)]))

    @cached_property
    def _dirty_ids(self) -> Hashes:
        """The training rows that are found by id, in any language."""
        indexes = [split.index for split in self.splits.values() if not split.index.numbered]
        shared = [index.ids[is_among(index.ids, self._test_ids)] for index in indexes]
        return np.unique(np.concatenate([NONE, *shared]))

    def is_dirty(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Which rows are known to hold a test item; by text only those that `first_clean` met are known."""
        by_text = np.fromiter(self._reasons, dtype=np.uint64, count=len(self._reasons))
        return is_among(hashes, np.union1d(self._dirty_ids, by_text))

    def first_clean(self, ordered: Hashes, count: int) -> Hashes:
        """The first `count` rows that hold no test item; fewer if there are no more."""
        while True:
            taken = ordered[~self.is_dirty(ordered)][:count]
            if not self.compare(taken):
                return taken

    def compare(self, hashes: Hashes) -> bool:
        """Compare rows and their translations with the test items; whether any that was not known holds one."""
        new = np.setdiff1d(hashes, self._compared)
        if not len(new) or "text" not in self._compared_by:
            return False
        self._compared = np.union1d(self._compared, new)
        store = self._catalog.store
        if store is not None and self._catalog.keep and len(new) * len(self.splits) > LARGE_ROWS:
            known = self._catalog.checksums()
            calls = [(self._catalog.study, store.uri, known, self._task, language, new) for language in self.splits]
            results = parallel_map(_find, calls)
        else:
            results = [self.find(language, new) for language in self.splits]
        for language, reasons in zip(self.splits, results, strict=True):
            for identifier, reason in reasons.items():
                self._reasons.setdefault(identifier, (reason, language))
        return any(results)

    def find(self, language: str, hashes: Hashes) -> dict[int, str]:
        """The rows of one language that hold a test item by their text, and why; rows it does not have are left out."""
        split = self.splits[language]
        entries = split.index.find(hashes)
        present = hashes[entries >= 0][np.argsort(entries[entries >= 0])]  # in the file's order
        texts = zip(present.tolist(), split.texts(present), strict=True)
        return {identifier: reason for identifier, text in texts if (reason := self._texts.match(text))}

    def write(self, folder: Path) -> None:
        """Put down what is known so far, for `read`."""
        np.save(folder / ArtifactFile.COMPARED, self._compared)
        reasons = [[identifier, *reason] for identifier, reason in sorted(self._reasons.items())]
        (folder / ArtifactFile.REASONS).write_bytes(orjson.dumps(reasons))

    def read(self, folder: Path) -> None:
        """Take up what a plan found out."""
        self._compared = np.load(folder / ArtifactFile.COMPARED)
        self._reasons = {row[0]: (row[1], row[2]) for row in orjson.loads((folder / ArtifactFile.REASONS).read_bytes())}

    def dropped(self, language: str, passed: Hashes) -> dict[str, Hashes]:
        """Reason -> rows of a language left out: by id of the whole source, by text of those in `passed`."""
        ids = self.splits[language].index.ids
        groups: dict[str, list[int]] = {}
        for identifier in passed[~is_among(passed, self._dirty_ids)].tolist():
            if identifier in self._reasons:
                reason, found_in = self._reasons[identifier]
                groups.setdefault(reason if found_in == language else TRANSLATION, []).append(identifier)
        by_text = {reason: np.array(group, dtype=np.uint64) for reason, group in sorted(groups.items())}
        by_id = np.sort(ids[is_among(ids, self._dirty_ids)])
        return ({SAME_ID: by_id} if len(by_id) else {}) | by_text


def is_among(hashes: Hashes, known: Hashes) -> NDArray[np.bool_]:
    """`np.isin` for a sorted array: without sorting the many hashes too."""
    if not len(known):
        return np.zeros(len(hashes), dtype=bool)
    return known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes


def _find(
    study: Study, store_uri: str, known: dict[str, str], task: str, language: str, hashes: Hashes
) -> dict[int, str]:
    """`Decontamination.find` in a new process, with the indexes that the store keeps."""
    return Decontamination(Catalog(study, open_store(store_uri), known), task, [language]).find(language, hashes)
