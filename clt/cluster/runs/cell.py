"""One step of one cell inside a run: who works on it, and what the step shows in Kubeflow's UI."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from clt.cluster.runs.pointer import finite, pointer
from clt.cluster.runs.retry import track_once
from clt.store import (
    ArtifactFile,
    EvaluationMetadata,
    Metadata,
    MixtureMetadata,
    Store,
    TrainingMetadata,
    open_store,
    read_record,
)
from clt.study import Cell, StudyRecord, checkpoint_key


@dataclass(frozen=True, kw_only=True, slots=True)
class CellStep:
    store: Store
    record: StudyRecord
    cell: Cell

    def items(self) -> dict[str, Any]:
        """Pointers to the cell's test items, a task each."""
        return {task: pointer(self.store.uri, self.record.items_key(task)) for task in self.cell.tasks}

    def mixture(self) -> dict[str, Any]:
        """Pointer to the mixture and its rows per task and language; a base model has none."""
        if self.cell.is_base:
            return {"cell": self.cell.key, "note": "a base model: nothing is trained, so there is no mixture"}
        return self._shown(MixtureMetadata, self.record.mixture_key(self.cell), "counts", "dropped")

    def model(self) -> dict[str, Any]:
        """Pointer to the training; a base model stays as it is."""
        if self.cell.is_base:
            return {"cell": self.cell.key, "note": "a base model: nothing is trained"}
        return self._shown(TrainingMetadata, self.record.training_key(self.cell), "selected", "tokens", "seconds")

    def validation_losses(self) -> dict[str, float]:
        """The selected checkpoint's validation loss, overall and per language; finite ones only."""
        if self.cell.is_base:
            return {}
        training = TrainingMetadata.read(self.store, self.record.training_key(self.cell))
        assert training is not None, "the training step has just completed"
        selected = training.checkpoint(training.selected)
        losses = {f"validation loss {code}": loss for code, loss in selected.validation.items()}
        return finite({"validation loss": selected.validation_loss, **losses})

    def mean_scores(self) -> dict[str, float]:
        """The selected checkpoint's mean score by "TASK METRIC LANGUAGE"; finite ones only."""
        import pyarrow.parquet as parquet

        key = self.record.evaluation_key(self.cell)
        evaluation = EvaluationMetadata.read(self.store, key)
        assert evaluation is not None, "the evaluation step has just completed"
        scores = parquet.read_table(self.store.fetch(checkpoint_key(key, evaluation.selected)) / ArtifactFile.SCORES)
        means = scores.group_by(["task", "metric", "language"]).aggregate([("score", "mean")]).to_pylist()
        return finite({f"{row['task']} {row['metric']} {row['language']}": row["score_mean"] for row in means})

    def scores(self) -> dict[str, Any]:
        """Pointer to the cell's scores."""
        return self._shown(EvaluationMetadata, self.record.evaluation_key(self.cell), "selected")

    def _shown(self, kind: type[Metadata], key: str, *names: str) -> dict[str, Any]:
        metadata = kind.read(self.store, key)
        assert metadata is not None, f"{key}: the step has just completed"
        return {
            "cell": self.cell.key,
            **pointer(self.store.uri, key),
            **metadata.model_dump(include=set(names), exclude_unset=True),
        }


@contextmanager
def cell_step(store_uri: str, study_key: str, cell_key: str, step: str, run: str) -> Iterator[CellStep]:
    """Do a step of a cell in this block: while it lasts the cell is running, and an error in it is the cell's error.

    A step that failed in this run for a reason that the user has to mend fails again at once, with the same error.

    Args:
        store_uri: The store's uri.
        study_key: The planned study.
        cell_key: The cell.
        step: Which step it is, such as "train": shown while it lasts.
        run: The run's id.

    Yields:
        Store, record and cell, and what to record once the block has ended.

    Raises:
        UserError: The step failed in this run before.
    """
    store = open_store(store_uri)
    record = read_record(store, study_key)
    here = CellStep(store=store, record=record, cell=record.grid.cell(cell_key))
    key = record.evaluation_key(here.cell)
    if store.manifest(key) is not None:  # complete in an earlier run
        yield here
        return
    with track_once(store, key, run, study=study_key, cell=cell_key, step=step):
        yield here
