"""One training from its first (or next) optimizer step to its final artifact."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from accelerate import Accelerator

from clt.errors import CellFailure
from clt.models import load_tokenizer
from clt.progress import phase, timed
from clt.store import ArtifactFile, CheckpointMetadata, StepMetrics, Store, TrainingMetadata
from clt.study import Cell, StudyRecord, Training
from clt.training.checkpoint import TrainState, load_state, prune_states, save_checkpoint, save_state, to_jsonl
from clt.training.data import BatchSampler, TokenRow, collate, read_rows, split_batch
from clt.training.environment import reproducible, set_seed, training_environment
from clt.training.loss import AnswerLoss
from clt.training.model import make_optimizer, make_scheduler, model_to_train
from clt.training.progress_bar import OnStep, progress_bar
from clt.training.validation import Validation

# Without a micro_batch_size a CPU takes this many tokens at once: less padding and more of it in the cache made the
# demo's models 1.15 to 1.3 times faster than the whole batch. An accelerator takes the whole batch.
CPU_TOKENS = 2048


def run_training(
    store: Store, record: StudyRecord, cell: Cell, on_step: OnStep | None, gone: frozenset[int] = frozenset()
) -> None:
    """See `clt.training.train`; the cell is not a base model, and complete only where checkpoints are `gone`."""
    with timed() as seconds, reproducible(record.study.training.cpu_threads), progress_bar(on_step, cell.key) as report:
        try:
            with phase("loading"):
                trainer = Trainer(store, record, cell, gone)
            trainer.run(report, seconds)
        except torch.OutOfMemoryError as error:
            raise CellFailure(
                f"{cell.key}: not enough memory on the accelerator ({error}); set a smaller training.micro_batch_size "
                "or max_tokens, or give the model a larger accelerator"
            ) from error


class Trainer:
    """What a training is made of, and its loop; every process of a training has one."""

    def __init__(self, store: Store, record: StudyRecord, cell: Cell, gone: frozenset[int] = frozenset()) -> None:
        self.gone = gone  # steps of pruned checkpoints to put back; none: the training is not complete yet
        self.store, self.cell, self.training = store, cell, record.study.training
        self.model_spec, self.key = record.model(cell), record.training_key(cell)
        # Mixed precision is ours (autocast), not the accelerator's: its state is one for the whole process, and a
        # worker process trains cells of several precisions.
        self.accelerator = Accelerator(cpu=not torch.cuda.is_available())
        autocast = _autocast(self.accelerator.device, self.training.precision)
        mixture = store.fetch(record.mixture_key(cell))
        assert self.model_spec.path is not None, "the plan refuses to train a model without weights"
        self.tokenizer = load_tokenizer(self.model_spec.path, self.model_spec)
        rows = read_rows(mixture / ArtifactFile.TRAIN, self.tokenizer, self.training.max_tokens)
        validation_rows = read_rows(mixture / ArtifactFile.VALIDATION, self.tokenizer, self.training.max_tokens)
        self.sampler = BatchSampler([row.key for row in rows], cell.seed, self.training)
        model = model_to_train(self.model_spec, self.training, cell.seed)
        loss = AnswerLoss(model)
        wrapped = self.accelerator.prepare(model)
        optimizer = make_optimizer(model, self.training)
        scheduler = make_scheduler(optimizer, self.training, self.sampler.steps)
        self.state = TrainState(model=model, optimizer=optimizer, scheduler=scheduler)
        self.train_step = TrainStep(
            rows,
            cell,
            self.training,
            state=self.state,
            accelerator=self.accelerator,
            wrapped=wrapped,
            loss=loss,
            autocast=autocast,
        )
        batch_size = self.training.micro_batch_size or self.training.batch_size
        self.validation = Validation(
            validation_rows, batch_size, model=model, accelerator=self.accelerator, loss=loss, autocast=autocast
        )

    def run(self, report: OnStep, seconds: dict[str, float]) -> None:
        """All steps that are not done yet, and the final artifact with the seconds by phase."""
        state, steps = self.state, self.sampler.steps
        with phase("loading"):
            load_state(self.store, self.key, state, before=min(self.gone, default=math.inf))
        for step in range(len(state.metrics) + 1, max(self.gone, default=steps) + 1):
            line = self.train_step(step, self.sampler.batch(step))
            state.metrics.append(line)
            if self.accelerator.is_main_process:
                report(step, steps, line.loss, line.tokens_per_second)
            if step % self.training.checkpoint_every == 0 or step == steps:
                self._checkpoint(step)
        if self.accelerator.is_main_process:
            if not self.gone:
                self._publish(seconds)
            prune_states(self.store, self.key, reason="the training is complete")
        self.accelerator.wait_for_everyone()

    def _checkpoint(self, step: int) -> None:
        """Validate, publish the weights, then the state: after the last step too, so that a kill repeats nothing."""
        with phase("validating"):
            losses = self.validation.losses()
        mean = sum(losses.values()) / len(losses)
        facts = CheckpointMetadata(step=step, validation_loss=mean, validation=losses)
        if self.accelerator.is_main_process:
            with phase("saving"):
                facts = self._save(facts)
        self.state.checkpoints.append(facts)
        if self.accelerator.is_main_process:
            with phase("saving"):
                save_state(self.store, self.key, self.state)
        self.accelerator.wait_for_everyone()

    def _save(self, facts: CheckpointMetadata) -> CheckpointMetadata:
        """Publish the weights; the facts of the checkpoint that stands."""
        return save_checkpoint(
            self.store,
            self.key,
            facts,
            model=self.state.model,
            tokenizer=self.tokenizer,
            name=self.model_spec.name,
            dtype=getattr(torch, self.training.precision),
            again=facts.step in self.gone,
        )

    def _publish(self, seconds: dict[str, float]) -> None:
        metrics, checkpoints = self.state.metrics, self.state.checkpoints
        trained = round(sum(line.seconds for line in metrics), 3)
        selected = min(checkpoints, key=lambda checkpoint: (checkpoint.validation_loss, checkpoint.step))
        with self.store.writer(self.key) as attempt:
            (attempt.path / ArtifactFile.METRICS).write_text(to_jsonl(metrics), encoding="utf-8")
            TrainingMetadata(
                selected=selected.step,
                checkpoints=checkpoints,
                tokens=sum(line.tokens for line in metrics),
                seconds=trained,
                seconds_by_phase=seconds | {"training": trained},
                environment=training_environment(self.accelerator.device, self.accelerator.num_processes),
            ).write(attempt)


class TrainStep:
    """One optimizer step over a global batch: forward, backward and update.

    The loss of a step is the mean over all answer tokens of its global batch: the same, but for rounding, whatever the
    micro-batches and the number of processes are. `wrapped` is the state's model as accelerate wrapped it.
    """

    def __init__(
        self,
        rows: Sequence[TokenRow],
        cell: Cell,
        training: Training,
        *,
        state: TrainState,
        accelerator: Accelerator,
        wrapped: Any,
        loss: AnswerLoss,
        autocast: Callable[[], torch.autocast],
    ) -> None:
        self._rows, self._lengths = rows, [len(row.ids) for row in rows]
        self._cell, self._training, self._state = cell, training, state
        self._accelerator, self._model, self._loss, self._autocast = accelerator, wrapped, loss, autocast
        self._trained = [parameter for parameter in state.model.parameters() if parameter.requires_grad]

    def __call__(self, step: int, batch: Sequence[int]) -> StepMetrics:
        """Do step number `step` on these rows. CellFailure if its loss is not finite."""
        start = time.perf_counter()
        set_seed(self._cell.seed, step, self._accelerator.process_index)  # for dropout
        self._model.train()
        answer_tokens = sum(self._rows[index].answer_tokens for index in batch)
        total = self._backward(batch, answer_tokens)
        norm = torch.nn.utils.clip_grad_norm_(self._trained, self._training.max_grad_norm, foreach=True)
        loss, grad_norm = torch.stack([self._accelerator.reduce(total, "sum") / answer_tokens, norm]).tolist()
        learning_rate = self._state.scheduler.get_last_lr()[0]
        if not (math.isfinite(loss) and math.isfinite(grad_norm)):
            raise self._failure(step, loss, grad_norm, learning_rate)
        self._state.optimizer.step()
        self._state.scheduler.step()
        self._state.optimizer.zero_grad()
        seconds = time.perf_counter() - start
        tokens = sum(self._lengths[index] for index in batch)
        return StepMetrics(
            step=step,
            loss=loss,
            grad_norm=grad_norm,
            learning_rate=learning_rate,
            tokens=tokens,
            answer_tokens=answer_tokens,
            seconds=round(seconds, 4),
            tokens_per_second=round(tokens / seconds, 1),
        )

    def _backward(self, batch: Sequence[int], answer_tokens: int) -> torch.Tensor:
        """Accumulate this process's gradients; returns the sum of its losses."""
        accelerator = self._accelerator
        total = torch.zeros((), device=accelerator.device)
        micro_batches = split_batch(
            batch, self._lengths, self._micro_batch_size(batch), accelerator.process_index, accelerator.num_processes
        )
        for number, indices in enumerate(micro_batches, start=1):
            # A process without rows in a small last batch takes part with one that does not count.
            rows = [self._rows[index] for index in indices or batch[:1]]
            synchronize = nullcontext() if number == len(micro_batches) else accelerator.no_sync(self._model)
            with synchronize:
                with self._autocast():
                    loss = self._loss(self._model, collate(rows, accelerator.device)) * (1 if indices else 0)
                # Gradients are averaged over processes, and the loss is a mean over all of their tokens.
                accelerator.backward(loss * (accelerator.num_processes / answer_tokens))
            total += loss.detach()
        return total

    def _micro_batch_size(self, batch: Sequence[int]) -> int | None:
        if self._training.micro_batch_size is None and self._accelerator.device.type == "cpu":
            return max(1, CPU_TOKENS // max(self._lengths[index] for index in batch))
        return self._training.micro_batch_size

    def _failure(self, step: int, loss: float, grad_norm: float, learning_rate: float) -> CellFailure:
        checkpoints = self._state.checkpoints
        last = f"the checkpoint of step {checkpoints[-1].step} stays" if checkpoints else "no checkpoint was reached"
        return CellFailure(
            f"{self._cell.key}: step {step}: loss {loss}, gradient norm {grad_norm} at learning rate "
            f"{learning_rate:.3g}, expected finite numbers; {last}. Try a lower training.learning_rate or more "
            f"warmup_steps{', or precision: float32' if self._training.precision == 'bfloat16' else ''}"
        )


def _autocast(device: torch.device, precision: str) -> Callable[[], torch.autocast]:
    return lambda: torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16")
