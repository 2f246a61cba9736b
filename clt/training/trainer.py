"""One training from its first (or next) step to its final artifact."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from clt.errors import CellFailure
from clt.models import load_tokenizer, save_model
from clt.store import Store
from clt.study import Cell, StudyRecord, checkpoint_key
from clt.training.checkpoint import load_state, prune_states, save_state, to_jsonl
from clt.training.environment import environment, reproducible
from clt.training.loss import AnswerLoss
from clt.training.optimization import Optimization
from clt.training.order import Order
from clt.training.progress import progress
from clt.training.rows import read_rows
from clt.training.step import OnStep
from clt.training.trainable import make_optimizer, make_scheduler, trainable_model
from clt.training.validation import Validation


def run_training(store: Store, record: StudyRecord, cell: Cell, on_step: OnStep | None) -> None:
    """See `clt.training.train`; the cell is not a base model and not complete."""
    with reproducible(record.study.training.cpu_threads), progress(on_step, cell.key) as report:
        try:
            _Run(store, record, cell).complete(report)
        except torch.OutOfMemoryError as error:
            raise CellFailure(
                f"{cell.key}: not enough memory on the accelerator ({error}); set a smaller training.micro_batch_size "
                "or max_tokens, or give the model a larger accelerator"
            ) from error


class _Run:
    def __init__(self, store: Store, record: StudyRecord, cell: Cell) -> None:
        self.store, self.cell, self.training = store, cell, record.study.training
        self.model_spec, self.key = record.model(cell), record.training_key(cell)
        # Mixed precision is ours (autocast), not the accelerator's: its state is one for the whole process, and a
        # worker process trains cells of several precisions.
        self.accelerator = Accelerator(cpu=not torch.cuda.is_available())
        device, training = self.accelerator.device, self.training
        folder = store.fetch(record.mixture_key(cell))
        assert self.model_spec.path is not None, "the plan refuses to train a model without weights"
        self.tokenizer = load_tokenizer(self.model_spec.path, self.model_spec)
        rows = read_rows(folder / "train.jsonl", self.tokenizer, training.max_tokens)
        held_out = read_rows(folder / "validation.jsonl", self.tokenizer, training.max_tokens)
        self.order = Order([row.key for row in rows], cell.seed, training)
        self.model = trainable_model(self.model_spec, training, cell.seed)
        loss = AnswerLoss(self.model)
        wrapped = self.accelerator.prepare(self.model)
        self.optimizer = make_optimizer(self.model, training)
        self.scheduler = make_scheduler(self.optimizer, training, self.order.steps)
        autocast = _autocast(device, training.precision)
        self.optimization = Optimization(
            rows, cell, training, self.accelerator, wrapped, self.optimizer, self.scheduler, loss, autocast
        )
        self.validation = Validation(
            held_out, training.micro_batch_size or training.batch_size, self.accelerator, self.model, loss, autocast
        )

    def complete(self, report: OnStep) -> None:
        """All steps that are not done yet, and the final artifact."""
        checkpoints, metrics = load_state(
            self.store, self.key, model=self.model, optimizer=self.optimizer, scheduler=self.scheduler
        )
        for step in range(len(metrics) + 1, self.order.steps + 1):
            metrics.append(self.optimization.step(step, self.order.batch(step), checkpoints))
            if self.accelerator.is_main_process:
                report(step, self.order.steps, metrics[-1]["loss"], metrics[-1]["tokens_per_second"])
            if step % self.training.checkpoint_every == 0 or step == self.order.steps:
                checkpoints.append(self._checkpoint(step))
                self._save_state(step, checkpoints, metrics)
        if self.accelerator.is_main_process:
            self._publish(checkpoints, metrics)
        self.accelerator.wait_for_everyone()

    def _checkpoint(self, step: int) -> dict[str, Any]:
        """Validate and publish the weights; a checkpoint that an interrupted run already published stands."""
        key = checkpoint_key(self.key, step)
        languages = self.validation.losses()
        point = {
            "step": step,
            "validation_loss": sum(languages.values()) / len(languages),
            "validation": languages,
        }
        if self.accelerator.is_main_process and self.store.manifest(key) is None:
            with self.store.writer(key) as attempt:
                self._save_weights(attempt.path)
                attempt.metadata.update(point)
        return point

    def _save_weights(self, folder: Path) -> None:
        precision = getattr(torch, self.training.precision)
        save_model(self.model, self.tokenizer, folder, name=self.model_spec.name, dtype=precision)

    def _save_state(self, step: int, checkpoints: list[dict[str, Any]], metrics: list[dict[str, Any]]) -> None:
        # The state after the last step too: a kill between it and the final artifact repeats nothing.
        if self.accelerator.is_main_process:
            save_state(
                self.store,
                self.key,
                model=self.model,
                optimizer=self.optimizer,
                scheduler=self.scheduler,
                checkpoints=checkpoints,
                metrics=metrics,
            )
        self.accelerator.wait_for_everyone()

    def _publish(self, checkpoints: list[dict[str, Any]], metrics: list[dict[str, Any]]) -> None:
        selected = min(checkpoints, key=lambda point: (point["validation_loss"], point["step"]))
        with self.store.writer(self.key) as attempt:
            (attempt.path / "metrics.jsonl").write_text(to_jsonl(metrics), encoding="utf-8")
            attempt.metadata.update(
                selected=selected["step"],
                checkpoints=checkpoints,
                tokens=sum(line["tokens"] for line in metrics),
                seconds=round(sum(line["seconds"] for line in metrics), 3),
                environment=environment(self.accelerator.device, self.accelerator.num_processes),
            )
        prune_states(self.store, self.key, reason="the training is complete")


def _autocast(device: torch.device, precision: str) -> Callable[[], torch.autocast]:
    return lambda: torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16")
