"""All runs of a baseline, in their order, and the mean of each comparison over the items that the runs share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from clt.baselines.alarms import kept_alarms
from clt.baselines.artifacts import ITEMS, Alarm, CompleteRun, Note, PlannedRun, baselines_in, manifests_below, place
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
    alarms: list[Alarm]  # ever found, oldest run first
    _tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    _anew: dict[range, dict[int, dict[str, float]]] = field(default_factory=dict)
    _sets: dict[tuple[str, str], ItemSet] = field(default_factory=dict)

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each complete run, by name."""
        return {run.run: index for index, run in enumerate(self.runs)}

    @property
    def study_key(self) -> str:
        """The study of the last run, which says what is watched."""
        return max((run.number, run.study_key) for run in (*self.runs, *self.incomplete))[1]

    def values(self, comparison: Comparison, runs: range) -> tuple[np.ndarray, int]:
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

    def _means(self, key: str, where: str, runs: range) -> tuple[np.ndarray, int]:
        chosen = self.runs[runs.start : runs.stop]
        means = np.array([run.means.get(key, np.nan) for run in chosen], dtype=float)
        sets = {each for run in chosen if (each := run.items.get(where)) is not None}
        if len(sets) > 1:
            for index, anew in self._over_common(runs).items():
                means[index - runs.start] = anew.get(key, np.nan)
        return means, len(self._common(where, sets))

    def _over_common(self, runs: range) -> dict[int, dict[str, float]]:
        """The means, by key, of those runs that have items which not all of these runs have, without such items."""
        if runs not in self._anew:
            chosen = self.runs[runs.start : runs.stop]
            places = sorted({where for run in chosen for where in run.items})
            sets = {where: {run.items[where] for run in chosen if where in run.items} for where in places}
            common = {where: self._common(where, each) for where, each in sets.items()}
            rows = [(*where.rsplit("/", 1), *item) for where, items in common.items() for item in items]
            kept = pd.DataFrame(rows, columns=["task", "language", "item", "content"])
            self._anew[runs] = {
                index: _means_by_key(self._read(index).merge(kept))
                for index in runs
                if any(
                    len(self._set(where, each)) > len(common[where]) for where, each in self.runs[index].items.items()
                )
            }
        return self._anew[runs]

    def _common(self, where: str, digests: Collection[str]) -> ItemSet:
        sets = [self._set(where, each) for each in sorted(digests)]
        return frozenset.intersection(*sets) if sets else frozenset()

    def _set(self, where: str, digest: str) -> ItemSet:
        """The items behind a digest, read from the first run that has it."""
        if (where, digest) not in self._sets:
            index = next(index for index, run in enumerate(self.runs) if run.items.get(where) == digest)
            task, language = where.rsplit("/", 1)
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
        """For the few runs whose items are looked at more than once."""
        run = self.runs[index].run
        if run not in self._tables:
            self._tables[run] = self._read(index)
        return self._tables[run]

    def _read(self, index: int) -> pd.DataFrame:
        return pd.read_parquet(self.store.fetch(place(self.name, "runs", self.runs[index].run)) / ITEMS)


def read_history(store: Store, name: str) -> History:
    """Everything that the store has of a baseline.

    Raises:
        StoreError: It has no such baseline, with those that it has; or something of it is damaged.
    """
    runs = [CompleteRun.of(manifest) for manifest in manifests_below(store, name, "runs")]
    planned = planned_runs(store, name, but={run.run for run in runs})
    notes = [Note.of(manifest) for manifest in manifests_below(store, name, "notes")]
    if not planned and not runs:
        known = ", ".join(baselines_in(store)) or "there is none in it"
        raise StoreError(f"got {name!r}, expected a baseline of the store {store.uri}: {known}")
    return History(
        store=store,
        name=name,
        runs=sorted(runs, key=lambda run: run.number),
        incomplete=list(planned.values()),
        notes=sorted(notes, key=lambda note: note.number),
        alarms=kept_alarms(store, name),
    )


def _means_by_key(table: pd.DataFrame) -> dict[str, float]:
    return {str(key): float(mean) for key, mean in table.groupby("key")["score"].mean().items()}


def pinned_run(notes: Collection[Note], runs: Sequence[CompleteRun]) -> str | None:
    """The run that was pinned last; the first one unless any was."""
    pins = [note.run for note in notes if note.kind == "pin"]
    return pins[-1] if pins else (runs[0].run if runs else None)
