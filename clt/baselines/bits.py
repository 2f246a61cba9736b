"""Whether two runs gave the same bits: digests of what a cell was made from, and of what came out.

Of what came out: the weights' checksums where the store still has them, their validation losses to the last digit,
every answer and every score.
"""

from pathlib import Path

import pyarrow.parquet as parquet

from clt.baselines.artifacts import CellBits
from clt.hashing import digest
from clt.store import ArtifactFile, Store, TrainingMetadata
from clt.study import Cell, StudyRecord, checkpoint_key


def cell_bits(store: Store, record: StudyRecord, cell: Cell, selected: int, scores: Path) -> CellBits:
    """The two digests of a complete cell.

    Args:
        store: Where it is.
        record: The cell's study.
        cell: One of its cells.
        selected: The step whose checkpoint its scores are of.
        scores: The folder of that checkpoint's scores and answers.
    """
    return CellBits(
        inputs=digest(_inputs(record, cell)),
        bits=digest([_weights(store, record, cell, selected), _texts(scores)]),
        seed=None if cell.is_base else cell.seed,
    )


def _inputs(record: StudyRecord, cell: Cell) -> dict[str, object]:
    """All that determines the cell's results but its repeat."""
    evaluation = record.evaluation_identity(cell)
    for made_of_the_repeat in ("repeat", "weights"):
        del evaluation[made_of_the_repeat]
    if cell.is_base:
        return {"evaluation": evaluation, "weights": record.facts.models[cell.model].identity}
    training = record.training_identity(cell)
    del training["repeat"]
    return {"evaluation": evaluation, "training": training}


def _weights(store: Store, record: StudyRecord, cell: Cell, selected: int) -> object:
    if cell.is_base:
        return None
    key = record.training_key(cell)
    training, weights = TrainingMetadata.read(store, key), store.manifest(checkpoint_key(key, selected))
    losses = [checkpoint.model_dump() for checkpoint in training.checkpoints] if training is not None else []
    files = {} if weights is None or weights.pruned else {name: each.sha256 for name, each in weights.files.items()}
    return [losses, files]


def _texts(scores: Path) -> object:
    """Everything that the model wrote and what it was given for it."""
    answers = parquet.read_table(scores / ArtifactFile.PREDICTIONS, columns=["task", "language", "item", "prediction"])
    numbers = parquet.read_table(scores / ArtifactFile.SCORES)
    return [answers.to_pylist(), [[*row.values()] for row in numbers.to_pylist()]]
