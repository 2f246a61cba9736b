"""One step of one cell inside a run: who works on it, and what the step shows in Kubeflow's UI."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from clt.cluster.runs.frame import framed
from clt.cluster.runs.pointer import pointer
from clt.cluster.runs.step import run_step
from clt.store import (
    EvaluatedCheckpointMetadata,
    EvaluationMetadata,
    Metadata,
    MixtureMetadata,
    Store,
    TrainingMetadata,
    read_record,
    wants_weights,
)
from clt.study import Cell, StudyRecord, checkpoint_key


@dataclass(frozen=True, kw_only=True, slots=True)
class CellStep:
    """A cell of a planned study, and what Kubeflow's page shows of its steps."""

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
        key = self.record.mixture_key(self.cell)
        return self._shown(MixtureMetadata.read(self.store, key), pointer(self.store.uri, key), "counts", "dropped")

    def model(self) -> dict[str, Any]:
        """Pointer to the weights of the selected checkpoint; of a base model where its own weights are."""
        if self.cell.is_base:
            path = next(model.path for model in self.record.study.models if model.name == self.cell.model)
            return {"cell": self.cell.key, "location": path, "note": "a base model: nothing is trained"}
        key = self.record.training_key(self.cell)
        training = TrainingMetadata.read(self.store, key)
        weights = pointer(self.store.uri, key, checkpoint_key(key, training.selected) if training else "")
        return self._shown(training, weights, "selected", "tokens", "seconds")

    def scores(self) -> dict[str, Any]:
        """Pointer to the scores of the selected checkpoint."""
        key = self.record.evaluation_key(self.cell)
        evaluation = EvaluationMetadata.read(self.store, key)
        scores = pointer(self.store.uri, key, checkpoint_key(key, evaluation.selected) if evaluation else "")
        return self._shown(evaluation, scores, "selected")

    def validation_losses(self) -> str:
        """The selected checkpoint's validation loss, overall and per language, in Markdown."""
        training = None if self.cell.is_base else TrainingMetadata.read(self.store, self.record.training_key(self.cell))
        if training is None:
            return f"# {self.cell.key}\n\nA base model: nothing is trained.\n"
        selected = training.checkpoint(training.selected)
        losses = {"mean": selected.validation_loss} | selected.validation
        rows = [f"| {language} | {loss:.4f} |" for language, loss in losses.items()]
        head = ["| language | validation loss (nats per answer token) |", "|---|---|"]
        return "\n".join([f"# {self.cell.key}", "", f"After step {selected.step}:", "", *head, *rows]) + "\n"

    def mean_scores(self) -> str:
        """The selected checkpoint's mean score by task, metric and language, in Markdown."""
        key = self.record.evaluation_key(self.cell)
        evaluation = EvaluationMetadata.read(self.store, key)
        assert evaluation is not None, "the evaluation step has just completed"
        checkpoint = EvaluatedCheckpointMetadata.read(self.store, checkpoint_key(key, evaluation.selected))
        rows = [
            f"| {score.task} | {score.metric} | {score.language} | {_number(score.mean)} | {score.items} |"
            for score in (checkpoint.scores if checkpoint else ())
        ]
        head = ["| task | metric | language | mean | items |", "|---|---|---|---|---|"]
        return "\n".join([f"# {self.cell.key}", "", f"After step {evaluation.selected}:", "", *head, *rows]) + "\n"

    def samples(self) -> str:
        """What the selected checkpoint answered, as a page whose links work within Kubeflow's frame."""
        from clt.statistics import answers_page, cell_answers

        return framed(answers_page(cell_answers(self.store, self.record, self.cell)))

    def _shown(self, metadata: Metadata | None, place: Mapping[str, str], *names: str) -> dict[str, Any]:
        assert metadata is not None, f"{place['key']}: the step has just completed"
        shown = metadata.model_dump(include=set(names), exclude_unset=True)
        return {"cell": self.cell.key, **place, **shown}


def cell_step(
    store_uri: str, study_key: str, cell_key: str, step: str, run: str, work: Callable[[CellStep], object]
) -> CellStep:
    """Do a step of a cell: while it lasts the cell is running, and an error in it is the cell's error.

    Args:
        store_uri: The store's uri.
        study_key: The planned study.
        cell_key: The cell.
        step: Which step it is, such as "train".
        run: The run's id.
        work: Does the step; not called for a cell that is complete, as from an earlier run, and has its weights.

    Returns:
        Store, record and cell, and what to record of the step.

    Raises:
        UserError: The step's own error; see `run_step` for which of them are tried again.
    """

    def do(store: Store) -> CellStep:
        record = read_record(store, study_key)
        here = CellStep(store=store, record=record, cell=record.grid.cell(cell_key))
        key = record.evaluation_key(here.cell)
        if store.manifest(key) is None or wants_weights(store, record, here.cell):
            with store.track(key, run=run, study=study_key, cell=cell_key, step=step):
                work(here)
        return here

    return run_step(store_uri, run, step, do, cell=cell_key)


def _number(mean: float | None) -> str:
    return "–" if mean is None else f"{mean:.4f}"
