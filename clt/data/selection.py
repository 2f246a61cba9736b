"""Which rows of a task are drawn: nested in n, the same bytes on any machine, validation rows apart.

Training rows of a language are the first ones in an order that depends on task, language, seed and the row's id alone,
so the rows of n = 100 are among the rows of n = 200, whatever else is in the mixture. The language is split of the
order: in parallel sources different languages draw different items, so n rows more in a language are n new items and
not translations of the English rows, as when data is collected in each language. (Drawing the same items everywhere
would make the languages' rows alike in content, but the mixture would repeat itself; seeds average such differences.)

Validation rows are the first ones in an order without language and seed: the same for every cell, and in parallel
sources the same items in every language. A row that is a validation row in one language is trained on in none.
"""

from functools import cached_property, reduce
from typing import TypeAlias

import numpy as np

from clt.data.catalog import Catalog
from clt.data.decontamination import NONE, SAME_ID, Decontamination, is_among
from clt.data.overlap import RULE
from clt.data.ranking import Hashes, in_order
from clt.errors import DataError
from clt.hashing import digest
from clt.study import Grid, Study, task_rows, task_validation

FEW = 10  # one row in so many may hold a test item without a mistake in the study
RowsNeeded: TypeAlias = dict[str, dict[int, int]]  # language -> seed -> rows of the largest cell


def rows_to_draw(study: Study, grid: Grid) -> dict[str, RowsNeeded]:
    """What each task has to give; 0 rows of a language that is only validated."""
    needed: dict[str, RowsNeeded] = {}
    for cell in grid.cells:
        for task in () if cell.is_base else cell.tasks:
            rows = task_rows(study, cell, task)
            for language in (*rows, *task_validation(study, cell, task)):
                seeds = needed.setdefault(task, {}).setdefault(language, {})
                seeds[cell.seed] = max(seeds.get(cell.seed, 0), rows.get(language, 0))
    return needed


class Selection:
    """The rows of one task, for a grid whose cells need `needed` of them."""

    def __init__(self, catalog: Catalog, task: str, needed: RowsNeeded) -> None:
        self._catalog = catalog
        self._task = task
        self._needed = needed
        self._validation_rows = catalog.study.training.validation_rows
        self._decontamination = Decontamination(catalog, task, sorted(needed))
        self._passed: dict[str, list[Hashes]] = {}

    def validation(self, language: str) -> Hashes:
        """The validation rows of a language, the same for every cell."""
        return self._validation[language]

    def training(self, language: str, count: int, seed: int) -> Hashes:
        """The first `count` training rows of a language; DataError if the source has fewer."""
        return self._take(language, self._ordered(language, seed), count, count)

    def check(self) -> None:
        """DataError if the cells' rows cannot be drawn. Texts are compared only where dropped rows could matter."""
        for language, seeds in self._needed.items():
            candidates, count = self._candidates(language), max(seeds.values())
            if len(candidates) < count + self._decontamination.items:
                self._take(language, candidates, count, count)

    def prepare(self) -> None:
        """Draw the rows of all cells and keep in the store which hold test items; again is free. DataError as above."""
        if self.recall():
            return
        self.check()
        draws = [(language, seed, count) for language, seeds in self._needed.items() for seed, count in seeds.items()]
        first = [self._ordered(language, seed)[:count] for language, seed, count in draws]
        self._decontamination.compare(np.unique(np.concatenate([NONE, *first])))
        for language, seed, count in draws:
            self.training(language, count, seed)
        self._decontamination.publish(self._key)

    def recall(self) -> bool:
        """Take up what `prepare` kept for the same sources and cells; False if it did not."""
        return self._decontamination.recall(self._key)

    def dropped(self, language: str) -> dict[str, Hashes]:
        """Reason -> rows of a language that were left out as test items so far."""
        return self._decontamination.dropped(
            language, np.unique(np.concatenate([NONE, *self._passed.get(language, [])]))
        )

    @cached_property
    def _validation(self) -> dict[str, Hashes]:
        chosen = {}
        for language, split in self._decontamination.splits.items():
            ordered = in_order(split.index.ids, "validation", self._task)
            chosen[language] = self._take(language, ordered, self._validation_rows, 0)
        return chosen

    @cached_property
    def _held_out(self) -> Hashes:
        return reduce(np.union1d, self._validation.values())

    @property
    def _key(self) -> str:
        study = self._catalog.study
        tests = {code: self._catalog.language_split(self._task, "test", code) for code in study.evaluated(self._task)}
        identity = {
            "train": {code: split.index.checksum for code, split in self._decontamination.splits.items()},
            "test": {code: split.index.checksum for code, split in tests.items()},
            "task": [
                self._task,
                study.tasks[self._task].model_dump(include={"train", "test", "prompt", "answer", "decontamination"}),
            ],
            "validation_rows": self._validation_rows,
            "max_items": study.evaluation.max_items,
            "needed": [[code, sorted(seeds.items())] for code, seeds in sorted(self._needed.items())],
            "rule": RULE,
        }
        return f"sources/{digest(identity)}"

    def _ordered(self, language: str, seed: int) -> Hashes:
        return in_order(self._candidates(language), "train", self._task, language, str(seed))

    def _candidates(self, language: str) -> Hashes:
        ids = self._decontamination.splits[language].index.ids
        return ids[~is_among(ids, self._held_out)]

    def _take(self, language: str, ordered: Hashes, count: int, trained: int) -> Hashes:
        taken = self._decontamination.first_clean(ordered, count)
        short = len(taken) < count
        last = len(ordered) if short else 1 + int(np.flatnonzero(ordered == taken[-1])[0]) if count else 0
        self._passed.setdefault(language, []).append(ordered[:last])
        if short:
            raise DataError(self._shortage(language, trained, len(taken)))
        return taken

    def _shortage(self, language: str, trained: int, possible: int) -> str:
        split = self._decontamination.splits[language]
        total = len(split.index.entries)
        if trained:
            reserved = int(is_among(split.index.ids, self._held_out).sum())
            asked = f"{trained + reserved} rows asked for ({trained} + {reserved} for validation)"
            lower = "lower the mixture's counts, or " if possible else ""
            step = f"at most {possible} can be trained on: {lower}use a larger source"
        else:
            asked = f"{self._validation_rows} rows asked for validation"
            lower = f"lower training.validation_rows (to fewer than {possible}), or " if possible > 1 else ""
            step = f"{possible} can be used: {lower}use a larger source"
        text = f"{split.label}: {asked}, the source has {total} ({split.rows.name})"
        dropped = {reason: len(hashes) for reason, hashes in self.dropped(language).items()}
        if dropped:
            text += f", and {sum(dropped.values())} of them left out as test items or their translations"
        if bad := sum(rows.count for rows in split.index.skipped.values()):
            text += f", beside {bad} bad rows that are skipped"
        return f"{text}; {step}{self._advice(dropped, total)}"

    def _advice(self, dropped: dict[str, int], total: int) -> str:
        """What to do where much of a source is left out as test items: it may not hold any."""
        if sum(dropped.values()) * FEW < total:
            return ""
        by_id = dropped.get(SAME_ID, 0)
        if 2 * by_id >= sum(dropped.values()):
            what, step = f"{by_id} have the id of a test item", "`ids: row` or `decontamination: [text]`"
            return f"; {what}: if equal ids are not equal items here, say {step} in tasks.{self._task}"
        what = f"{sum(dropped.values()) - by_id} hold the text of a test item, or a translation does"
        return f"; {what}: use a source without them, or say `decontamination: [id]` in tasks.{self._task}"
