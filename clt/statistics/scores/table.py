"""The one table of scores that every statistic is computed from, and what its columns mean.

One row is one score. Both readers (`from_store`, `from_csv`) make this table; nothing below them knows the origin.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clt.statistics.values import Document
from clt.study import Judge

# column -> meaning; the order is the table's
COLUMNS: dict[str, str] = {
    "study": "study key; empty for a table of scores",
    "model": "the model's name",
    "family": "the model's family; empty if not given",
    "size": "number of parameters of the model; missing if not known",
    "setting": "single_task, multi_task or base (the model as it is, without training)",
    "task": "the evaluated task",
    "metric": "name of the metric; `score` if not given",
    "higher_is_better": "whether a larger score is better",
    "mixture": "name of the mixture family; empty if not given",
    "train_languages": "the curve's training languages joined by +, English first; the same at every n",
    "english_samples": "English rows of a task in the mixture; missing if not known",
    "other_samples": "rows of a task in all other languages together; missing if not known",
    "samples_per_language": "n; missing for a base model",
    "exposure": "english, seen or unseen: whether this cell's mixture held the language",
    "seed": "seed of the run",
    "repeat": "the same cell run again on purpose; empty by default",
    "checkpoint": "optimizer step of the scored weights; missing if not known",
    "selected": "whether this is the checkpoint that the curve uses",
    "language": "language code of the score",
    "item": "id of the test item, the same for parallel items; missing where the score is a mean over items",
    "score": "the score",
    "n_items": "items that a mean is over; missing where the score is one item's, or where it is not known",
}
CURVE = ["study", "task", "metric", "model", "setting", "mixture", "train_languages"]  # what tells curves apart
RUN = ["samples_per_language", "seed", "repeat"]  # what tells a curve's runs apart
# columns of `ScoreTable.answers`: the place, the metric being the task's first; answers, and those of them that ...
COUNTS = (*CURVE, *RUN, "language", "items", "no_answer", "wrong_language", "hit_limit", "truncated", "lost_examples")
CHECKSUM_ROWS = 100_000  # at a time: as plain text they need much more memory than as categories


class MissingCell(Document):
    study: str
    cell: str
    state: str  # missing, running, failed or interrupted
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """The table and what has to be said about it."""

    rows: pd.DataFrame  # COLUMNS, then the columns that are carried through; one checkpoint a run: the selected one
    source: str  # what it was read from, for the report's heading
    main_metrics: dict[str, str]  # task -> its first metric, the one that findings are made on
    missing: tuple[MissingCell, ...] = ()
    environments: dict[str, int] = field(default_factory=dict)  # description of an environment -> cells that ran in it
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)  # model -> phase -> seconds of all its cells
    inputs: dict[str, str] = field(default_factory=dict)  # name -> SHA-256 of every file read
    judges: tuple[Judge, ...] = ()  # that rated answers
    # how the answers behind `rows` came about: a row of COUNTS a run, task and language; none where it is not known
    answers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COUNTS)))
    # task -> by what its training rows were held against its test items; empty where it is not known
    decontamination: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # (study, mixture) -> language -> factor on n, as the study weights it; none where it is not known, or 1
    weights: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    # the rows of every other checkpoint (selected is False), with the columns of `rows`
    checkpoints: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))


def checksum(rows: pd.DataFrame) -> str:
    """SHA-256 of the table's content, whatever the order of its rows."""
    hashes = np.empty(len(rows), dtype=np.uint64)
    for start in range(0, len(rows), CHECKSUM_ROWS):
        part = rows[list(COLUMNS)].iloc[start : start + CHECKSUM_ROWS]
        plain = part.astype({name: "str" for name in part.columns if part[name].dtype == "category"})
        hashes[start : start + CHECKSUM_ROWS] = pd.util.hash_pandas_object(plain, index=False)
    hashes.sort()
    return hashlib.sha256(hashes.tobytes()).hexdigest()
