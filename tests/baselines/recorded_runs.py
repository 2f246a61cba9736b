"""A baseline whose runs are complete: scores as a run would leave them, without the hours that they take."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clt.baselines.artifacts import ITEMS, CellBits, CompleteRun, place
from clt.baselines.comparisons import comparisons_of, keys_of
from clt.baselines.starting import begin_run, note_planned
from clt.hashing import digest
from clt.planning import declared_record
from clt.store import Store, publish_record
from clt.study import Study, load_study

TEXT = """\
name: weekly
models: [{name: small, parameters: 1000}]
tasks:
  math:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [math_answer]
  talk:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [exact_match]
languages: {train: [es, ja], evaluate: [en, es, ja, ko]}
mixtures: [{name: main, english_samples: 100, samples_per_language: [20]}]
seeds: [0, 1, 2, 3]
training: {epochs: 1, batch_size: 10, validation_rows: 5}
baseline:
  primary: {task: math, languages: trained}
  worth: 0.2
"""
ITEM_COUNT = 40
LEVEL, RUN_SD = 0.6, 0.02


def weekly(*replacements: tuple[str, str]) -> Study:
    """The study of TEXT with replacements."""
    text = TEXT
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return load_study(text)


@dataclass
class Runs:
    """Adds complete runs to a store, one after the other."""

    store: Store
    study: Study = field(default_factory=weekly)
    seed: int = 0
    count: int = 0

    def add(
        self,
        shifts: Mapping[str, float] | None = None,
        *,
        run: str = "",
        made_with: Mapping[str, str] | None = None,
        items: str = "first",
        bits: str = "",
    ) -> str:
        """One more run.

        Args:
            shifts: By "task/language": what is added to its mean, in the trained cells; of "base" in the base model's.
            run: Its name; by default by its number.
            made_with: What it ran on.
            items: Other text, other contents of the test items.
            bits: Other text, other bits than its seeds give by themselves.
        """
        self.count += 1
        name = run or f"run-{self.count:03d}"
        study = begin_run(self.store, self.study, name)
        record = declared_record(study, name)
        key = publish_record(self.store, record)
        planned = note_planned(self.store, study, name, key)
        table = self._table(shifts or {}, items)
        by_key = table.groupby("key")["score"]
        sets = {
            f"{task}/{language}": digest(sorted(zip(rows["item"], rows["content"], strict=True)))
            for (task, language), rows in table.drop_duplicates(["task", "language", "item"]).groupby(
                ["task", "language"]
            )
        }
        with self.store.writer(place(study.name, "runs", name)) as attempt:
            table.to_parquet(attempt.path / ITEMS, index=False)
            CompleteRun(
                **planned.model_dump(),
                means=by_key.mean().to_dict(),
                scored={str(each): int(count) for each, count in by_key.count().items()},
                items=sets,
                made_with=dict(made_with or {"training packages.torch": "2.15"}),
                cells={
                    "base": CellBits(inputs="base", bits=bits, seed=None),
                    "trained": CellBits(inputs=f"seed {study.seeds}", bits=f"{study.seeds}{bits}", seed=study.seeds[0]),
                },
            ).write(attempt)
        return name

    def _table(self, shifts: Mapping[str, float], items: str) -> pd.DataFrame:
        random = np.random.default_rng([self.seed, self.count])
        rows = []
        for comparison in comparisons_of(self.study)[1:]:
            base = comparison.setting == "base"
            moved = shifts.get("base" if base else f"{comparison.task}/{comparison.languages[0]}", 0.0)
            noise = 0.0 if base else random.normal(0, RUN_SD)
            offsets = np.linspace(-0.2, 0.2, ITEM_COUNT)
            (key,) = keys_of(comparison)
            rows += [
                {
                    "key": key,
                    "task": comparison.task,
                    "language": comparison.languages[0],
                    "item": f"i{number:02d}",
                    "content": f"{items}-{number}",
                    "score": LEVEL + offset + moved + noise,
                }
                for number, offset in enumerate(offsets)
            ]
        return pd.DataFrame(rows)
