"""All runs of a baseline, in their order, and the mean of each comparison over the items that the runs share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from clt.baselines.artifacts import ITEMS, CompleteRun, Note, PlannedRun, baselines_in, manifests_below, place
from clt.baselines.comparisons import asked_place, keys_of
from clt.baselines.document import Comparison
from clt.baselines.starting import planned_runs
from clt.errors import StoreError
from clt.store import Store

ItemSet = frozenset[tuple[str, str]]  # of id and content


@dataclass(kw_only=True)
class History:
    """What the store has of a baseline."""

    store: Store
    name: str
    runs: list[CompleteRun]  # by number
    incomplete: list[PlannedRun]  # by number: begun, and without scores of all cells
    notes: list[Note]  # by number
    _tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    _sets: dict[tuple[str, str], ItemSet] = field(default_factory=dict)

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each complete run, by name."""
        return {run.run: index for index, run in enumerate(self.runs)}

    @property
    def study_key(self) -> str:
        """The study of the last run, which says what is watched."""
        return max((run.number, run.study_key) for run in (*self.runs, *self.incomplete))[1]

    def values(self, comparison: Comparison, runs: Sequence[int]) -> tuple[np.ndarray, int]:
        """The comparison's means in the runs (by index) over the items that all of them have, and how many those are.

        Returns:
            (len(runs),), NaN where a run has no score; and the number of items, over languages.
        """
        columns, items = [], 0
        for key, language in zip(keys_of(comparison), comparison.languages, strict=True):
            column, count = self._means(key, asked_place(comparison.task, language, anchors=comparison.anchors), runs)
            columns.append(column)
            items += count
        return np.mean(columns, axis=0) if columns else np.full(len(runs), np.nan), items

    def paired(self, comparison: Comparison, first: int, second: int) -> pd.Series:
        """What each item adds to the difference second - first of two runs, by id, over the items that both have.

        Their sum is the difference of the comparison's means; an id that several languages share is one item.
        """
        parts = []
        for key in keys_of(comparison):
            both = pd.concat([self._items(first, key), self._items(second, key)], axis=1, join="inner").dropna()
            added = (both.iloc[:, 1] - both.iloc[:, 0]) / max(1, len(both)) / len(comparison.languages)
            parts.append(pd.Series(added.to_numpy(), index=[item for item, _ in both.index]))
        return pd.concat(parts).groupby(level=0).sum() if parts else pd.Series(dtype=float)

    def _means(self, key: str, where: str, runs: Sequence[int]) -> tuple[np.ndarray, int]:
        chosen = [self.runs[index] for index in runs]
        means = np.array([run.means.get(key, np.nan) for run in chosen], dtype=float)
        sets = {run.items.get(where) for run in chosen} - {None}
        common = self._common(where, [each for each in sets if each is not None])
        if len(sets) > 1:
            for position, (index, run) in enumerate(zip(runs, chosen, strict=True)):
                own = run.items.get(where)
                if own is not None and len(self._set(where, own)) != len(common):
                    scores = self._items(index, key)
                    kept = scores[[each in common for each in scores.index]].dropna()
                    means[position] = kept.mean() if len(kept) else np.nan
        return means, len(common)

    def _common(self, where: str, digests: Collection[str]) -> ItemSet:
        sets = [self._set(where, each) for each in sorted(digests)]
        return frozenset.intersection(*sets) if sets else frozenset()

    def _set(self, where: str, digest: str) -> ItemSet:
        """The items behind a digest, read from the first run that has it."""
        if (where, digest) not in self._sets:
            index = next(index for index, run in enumerate(self.runs) if run.items.get(where) == digest)
            task, _, language = where.partition("/")
            table = self._table(index)
            rows = table[(table["task"] == task) & (table["language"] == language)]
            self._sets[where, digest] = frozenset(zip(rows["item"], rows["content"], strict=True))
        return self._sets[where, digest]

    def _items(self, index: int, key: str) -> pd.Series:
        """Scores of one mean by (item, content); empty where the run has none."""
        table = self._table(index)
        rows = table[table["key"] == key]
        return pd.Series(rows["score"].to_numpy(), index=list(zip(rows["item"], rows["content"], strict=True)))

    def _table(self, index: int) -> pd.DataFrame:
        run = self.runs[index].run
        if run not in self._tables:
            folder = self.store.fetch(place(self.name, "runs", run))
            self._tables[run] = pd.read_parquet(folder / ITEMS)
        return self._tables[run]


def read_history(store: Store, name: str) -> History:
    """Everything that the store has of a baseline.

    Raises:
        StoreError: It has no such baseline, with those that it has; or something of it is damaged.
    """
    runs = [CompleteRun.of(manifest) for manifest in manifests_below(store, name, "runs").values()]
    planned = planned_runs(store, name, but={run.run for run in runs})
    notes = [Note.of(manifest) for manifest in manifests_below(store, name, "notes").values()]
    if not planned and not runs:
        known = ", ".join(baselines_in(store)) or "there is none in it"
        raise StoreError(f"got {name!r}, expected a baseline of the store {store.uri}: {known}")
    return History(
        store=store,
        name=name,
        runs=sorted(runs, key=lambda run: run.number),
        incomplete=list(planned.values()),
        notes=sorted(notes, key=lambda note: note.number),
    )


def pinned_run(notes: Collection[Note], runs: Sequence[CompleteRun]) -> str | None:
    """The run that was pinned last; the first one unless any was."""
    pins = [note.run for note in notes if note.kind == "pin"]
    return pins[-1] if pins else (runs[0].run if runs else None)


def acknowledged(notes: Collection[Note]) -> Mapping[str, list[Note]]:
    """What was acknowledged of each comparison, by its identity, in order."""
    found: dict[str, list[Note]] = {}
    for note in notes:
        if note.kind == "acknowledge":
            found.setdefault(note.key, []).append(note)
    return found
