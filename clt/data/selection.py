"""Which rows of a task are drawn: nested in n, the same bytes on any machine, validation rows apart.

Training rows of a language are the first ones in an order that depends on task, language, seed and the row's id alone,
so the rows of n = 100 are among the rows of n = 200, whatever else is in the mixture. The language is split of the
order: in parallel sources different languages draw different items, so n rows more in a language are n new items and
not translations of the English rows, as when data is collected in each language. (Drawing the same items everywhere
would make the languages' rows alike in content, but the mixture would repeat itself; seeds average such differences.)

Validation rows are the first ones in an order without language and seed: the same for every cell, and in parallel
sources the same items in every language. A row that is a validation row in one language is trained on in none.
"""

from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import TypeAlias

import numpy as np

from clt.data.catalog import Catalog, LanguageSplit
from clt.data.decontamination import NONE, SAME_ID, Decontamination, is_among
from clt.data.overlap import RULE
from clt.data.ranking import Hashes, in_order
from clt.errors import DataError
from clt.hashing import digest
from clt.study import Grid, Study, task_rows, task_validation

DRAWS_FORMAT = 1
FEW = 10  # one row in so many may hold a test item without a mistake in the study
RowsNeeded: TypeAlias = dict[str, dict[int, list[int]]]  # language -> seed -> rows of each cell, rising


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """Rows of one language in their order, and all that were looked at until there were enough."""

    rows: Hashes
    passed: Hashes

    def first(self, count: int) -> "Drawn":
        """What drawing fewer rows gives."""
        last = 1 + int(np.flatnonzero(self.passed == self.rows[count - 1])[0]) if count else 0
        return Drawn(rows=self.rows[:count], passed=self.passed[:last])


def rows_to_draw(study: Study, grid: Grid) -> dict[str, RowsNeeded]:
    """What each task has to give; 0 rows of a language that is only validated."""
    counts: dict[str, dict[str, dict[int, set[int]]]] = {}
    for cell in grid.cells:
        for task in () if cell.is_base else cell.tasks:
            rows = task_rows(study, cell, task)
            for language in (*rows, *task_validation(study, cell, task)):
                seeds = counts.setdefault(task, {}).setdefault(language, {})
                seeds.setdefault(cell.seed, set()).add(rows.get(language, 0))
    return {
        task: {code: {seed: sorted(rows) for seed, rows in seeds.items()} for code, seeds in languages.items()}
        for task, languages in counts.items()
    }


# What a task says of its evaluation alone.
EVALUATED_BY = {"use", "metrics", "max_new_tokens", "shots", "stop", "choices", "constraints"}


class Selection:
    """The rows of one task, for a grid whose cells need `needed` of them."""

    def __init__(self, catalog: Catalog, task: str, needed: RowsNeeded) -> None:
        self._catalog = catalog
        self._task = task
        self.needed = needed
        self._validation_rows = catalog.study.training.validation_rows
        self._decontamination = Decontamination(catalog, task, sorted(needed))
        self._validated: dict[str, Drawn] = {}

    @property
    def splits(self) -> dict[str, LanguageSplit]:
        """The task's training rows, by language."""
        return self._decontamination.splits

    def validation(self, language: str) -> Drawn:
        """The validation rows of a language, the same for every cell."""
        return self._validation[language]

    def training(self, language: str, count: int, seed: int) -> Drawn:
        """The first `count` training rows of a language; DataError if the source has fewer."""
        return self._take(language, self._ordered(language, seed), count, count)

    def check(self) -> None:
        """DataError if the cells' rows cannot be drawn. Texts are compared only where dropped rows could matter."""
        for language, seeds in self.needed.items():
            candidates, count = self._candidates(language), max(rows[-1] for rows in seeds.values())
            if len(candidates) < count + self._decontamination.items:
                self._take(language, candidates, count, count)

    def draw_all(self) -> dict[tuple[str, int], Drawn]:
        """The rows of the largest cell of each (language, seed), all compared at once; DataError as above."""
        self.check()
        draws = [(language, seed, rows[-1]) for language, seeds in self.needed.items() for seed, rows in seeds.items()]
        first = [self._ordered(language, seed)[:count] for language, seed, count in draws]
        self._decontamination.compare(np.unique(np.concatenate([NONE, *first])))
        return {(language, seed): self.training(language, count, seed) for language, seed, count in draws}

    def write(self, folder: Path) -> None:
        """Put down which rows hold test items, for `recall`."""
        self._decontamination.write(folder)

    def recall(self) -> Path | None:
        """The store's folder with what a plan found out for the same sources and cells, and take that up."""
        store = self._catalog.store
        if store is None or (manifest := store.manifest(self.key)) is None or manifest.pruned is not None:
            return None
        folder = store.fetch(self.key)
        self._decontamination.read(folder)
        return folder

    def left_out(self, language: str, drawn: Drawn) -> dict[str, Hashes]:
        """Reason -> rows of a language that were passed over as test items in this draw and for validation."""
        both = [drawn, self._validated.get(language, drawn)]
        return self._decontamination.dropped(language, np.unique(np.concatenate([draw.passed for draw in both])))

    @property
    def _validation(self) -> dict[str, Drawn]:
        for language, split in self.splits.items():
            if language not in self._validated:
                ordered = in_order(split.index.ids, "validation", self._task)
                self._validated[language] = self._take(language, ordered, self._validation_rows, 0)
        return self._validated

    @cached_property
    def _held_out(self) -> Hashes:
        return reduce(np.union1d, (drawn.rows for drawn in self._validation.values()))

    @cached_property
    def key(self) -> str:
        """Where the store keeps what was found out for these sources and cells."""
        study = self._catalog.study
        tests = {code: self._catalog.language_split(self._task, "test", code) for code in study.evaluated(self._task)}
        identity = {
            "format": DRAWS_FORMAT,
            "train": {code: split.index.checksum for code, split in self.splits.items()},
            "test": {code: split.index.checksum for code, split in tests.items()},
            "task": [self._task, study.tasks[self._task].model_dump(exclude=EVALUATED_BY)],
            "validation_rows": self._validation_rows,
            "max_items": study.evaluation.max_items,
            "needed": [[code, sorted(seeds.items())] for code, seeds in sorted(self.needed.items())],
            "rule": RULE,
        }
        return f"sources/{digest(identity)}"

    def _ordered(self, language: str, seed: int) -> Hashes:
        return in_order(self._candidates(language), "train", self._task, language, str(seed))

    def _candidates(self, language: str) -> Hashes:
        ids = self.splits[language].index.ids
        return ids[~is_among(ids, self._held_out)]

    def _take(self, language: str, ordered: Hashes, count: int, trained: int) -> Drawn:
        taken = self._decontamination.first_clean(ordered, count)
        short = len(taken) < count
        if short:
            raise DataError(self._shortage(language, trained, Drawn(rows=taken, passed=ordered)))
        return Drawn(rows=taken, passed=ordered).first(count)

    def _shortage(self, language: str, trained: int, drawn: Drawn) -> str:
        split, possible = self.splits[language], len(drawn.rows)
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
        dropped = {reason: len(hashes) for reason, hashes in self.left_out(language, drawn).items()}
        if dropped:
            text += f", and {sum(dropped.values())} of them left out as test items or their translations"
        if bad := sum(rows.count for rows in split.index.skipped.values()):
            text += f", beside {bad} bad rows that are skipped"
        return f"{text}; {step}{self._advice(dropped, total)}"

    def _advice(self, dropped: dict[str, int], total: int) -> str:
        """What to do where much of a source is left out as test items: it may not hold any."""
        if not dropped or sum(dropped.values()) * FEW < total:
            return ""
        by_id = dropped.get(SAME_ID, 0)
        if 2 * by_id >= sum(dropped.values()):
            what, step = f"{by_id} have the id of a test item", "`ids: row` or `decontamination: [text]`"
            return f"; {what}: if equal ids are not equal items here, say {step} in tasks.{self._task}"
        what = f"{sum(dropped.values()) - by_id} hold the text of a test item, or a translation does"
        return f"; {what}: use a source without them, or say `decontamination: [id]` in tasks.{self._task}"
