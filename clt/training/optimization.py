"""One optimizer step over a global batch."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from accelerate import Accelerator

from clt.errors import CellFailure
from clt.study import Cell, Training
from clt.training.batch import collate
from clt.training.environment import set_seed
from clt.training.loss import AnswerLoss
from clt.training.order import split_batch
from clt.training.rows import TokenRow

# Without a micro_batch_size a CPU takes this many tokens at once: less padding and more of it in the cache made the
# demo's models 1.15 to 1.3 times faster than the whole batch. An accelerator takes the whole batch.
CPU_TOKENS = 2048


class Optimization:
    """Forward, backward and update. The loss of a step is the mean over all answer tokens of its global batch.

    It is the same whatever the micro-batches and the number of processes are, but for rounding.
    """

    def __init__(
        self,
        rows: Sequence[TokenRow],
        cell: Cell,
        training: Training,
        accelerator: Accelerator,
        model: Any,
        optimizer: torch.optim.Optimizer,
        scheduler: Any,
        loss: AnswerLoss,
        autocast: Callable[[], torch.autocast],
    ) -> None:
        self._rows, self._lengths = rows, [len(row.ids) for row in rows]
        self._cell, self._training, self._accelerator, self._model = cell, training, accelerator, model
        self._optimizer, self._scheduler, self._loss, self._autocast = optimizer, scheduler, loss, autocast
        self._trained = [parameter for parameter in model.parameters() if parameter.requires_grad]

    def step(self, step: int, batch: Sequence[int], checkpoints: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Do step number `step` on these rows; returns its line of metrics. CellFailure if it is not finite."""
        start = time.perf_counter()
        set_seed(self._cell.seed, step, self._accelerator.process_index)  # for dropout
        self._model.train()
        answer_tokens = sum(self._rows[index].answer_tokens for index in batch)
        total = self._backward(batch, answer_tokens)
        norm = torch.nn.utils.clip_grad_norm_(self._trained, self._training.max_grad_norm, foreach=True)
        loss, grad_norm = torch.stack([self._accelerator.reduce(total, "sum") / answer_tokens, norm]).tolist()
        learning_rate = self._scheduler.get_last_lr()[0]
        if not (math.isfinite(loss) and math.isfinite(grad_norm)):
            raise self._failure(step, loss, grad_norm, learning_rate, checkpoints)
        self._optimizer.step()
        self._scheduler.step()
        self._optimizer.zero_grad()
        seconds = time.perf_counter() - start
        tokens = sum(self._lengths[index] for index in batch)
        return {
            "step": step,
            "loss": loss,
            "grad_norm": grad_norm,
            "learning_rate": learning_rate,
            "tokens": tokens,
            "answer_tokens": answer_tokens,
            "seconds": round(seconds, 4),
            "tokens_per_second": round(tokens / seconds, 1),
        }

    def _backward(self, batch: Sequence[int], answer_tokens: int) -> torch.Tensor:
        """Accumulate this process's gradients; returns the sum of its losses."""
        accelerator = self._accelerator
        total = torch.zeros((), device=accelerator.device)
        micro_batch_size = self._training.micro_batch_size
        if micro_batch_size is None and accelerator.device.type == "cpu":
            micro_batch_size = max(1, CPU_TOKENS // max(self._lengths[index] for index in batch))
        micro_batches = split_batch(
            batch,
            self._lengths,
            micro_batch_size,
            accelerator.process_index,
            accelerator.num_processes,
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

    def _failure(
        self, step: int, loss: float, grad_norm: float, learning_rate: float, checkpoints: Sequence[dict[str, Any]]
    ) -> CellFailure:
        last = f"the checkpoint of step {checkpoints[-1]['step']} stays" if checkpoints else "no checkpoint was reached"
        return CellFailure(
            f"{self._cell.key}: step {step}: loss {loss}, gradient norm {grad_norm} at learning rate "
            f"{learning_rate:.3g}, expected finite numbers; {last}. Try a lower training.learning_rate or more "
            f"warmup_steps{', or precision: float32' if self._training.precision == 'bfloat16' else ''}"
        )
