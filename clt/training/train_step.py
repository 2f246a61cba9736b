"""One optimizer step over a global batch: forward, backward and update."""

import math
import time
from collections.abc import Callable, Sequence

import torch

from clt.errors import CellFailure
from clt.store import StepMetrics
from clt.study import Cell, Training
from clt.training.batch import collate, prefetched
from clt.training.data import TokenRow, split_batch
from clt.training.environment import set_seed
from clt.training.layout import Layout
from clt.training.loss import AnswerModel
from clt.training.processes import Processes
from clt.training.sharding import whole
from clt.training.speed import Arithmetic, mfu, peak_memory_bytes, peak_operations
from clt.training.state_shards import TrainState


class TrainStep:
    """Does optimizer steps.

    The loss of a step is the mean over all answer tokens of its global batch: the same, but for rounding, whatever the
    micro-batches and the number of processes are.
    """

    def __init__(
        self,
        rows: Sequence[TokenRow],
        cell: Cell,
        training: Training,
        *,
        state: TrainState,
        root: AnswerModel,
        processes: Processes,
        layout: Layout,
        tokens: int,
    ) -> None:
        self._rows, self._lengths = rows, [len(row.ids) for row in rows]
        self._cell, self._training, self._state = cell, training, state
        self._root, self._processes, self._packed, self._tokens = root, processes, layout.packed, tokens
        self._trained = [parameter for _, parameter in state.trained()]
        self._arithmetic = Arithmetic(root.model)
        is_known = self._arithmetic.is_known and training.precision == "bfloat16"  # as the peaks are
        self._peak = peak_operations(processes.device) if is_known else None

    def __call__(
        self, step: int, batch: Sequence[int], asked: Callable[[], Sequence[bool]] = tuple
    ) -> tuple[StepMetrics, list[bool]]:
        """Do step number `step` on these rows.

        Args:
            step: From 1.
            batch: Indices of the rows.
            asked: What this process would like to happen after the step; looked at late in it.

        Returns:
            The step's metrics, and of each wish whether any process has it.

        Raises:
            CellFailure: The loss is not finite.
        """
        start = time.perf_counter()
        set_seed(self._cell.seed, step, self._processes.rank)  # for dropout
        answer_tokens = sum(self._rows[index].answer_tokens for index in batch)
        total = self._backward(step, batch, answer_tokens)
        norm = torch.nn.utils.clip_grad_norm_(self._trained, self._training.max_grad_norm, foreach=True)
        # One message a step to the other processes, and one wait for the device.
        wishes = [float(wish) for wish in asked()]
        memory = [0.0] * self._processes.count  # each fills in its own, so the sum holds them all
        memory[self._processes.rank] = float(peak_memory_bytes(self._processes.device))
        said = torch.tensor([*wishes, *memory], device=self._processes.device)
        summed = self._processes.sum(torch.cat([total[None], said]))
        (total_loss, *heard), grad_norm = summed.tolist(), whole(norm).item()
        loss, learning_rate = total_loss / answer_tokens, self._state.scheduler.get_last_lr()[0]
        if not (math.isfinite(loss) and math.isfinite(grad_norm)):
            raise self._failure(step, loss, grad_norm, learning_rate)
        self._state.optimizer.step()
        self._state.scheduler.step()
        self._state.optimizer.zero_grad()
        seconds = time.perf_counter() - start
        lengths = [self._lengths[index] for index in batch]
        tokens, operations = sum(lengths), self._arithmetic.operations(lengths, answer_tokens)
        metrics = StepMetrics(
            step=step,
            loss=loss,
            grad_norm=grad_norm,
            learning_rate=learning_rate,
            tokens=tokens,
            answer_tokens=answer_tokens,
            seconds=round(seconds, 4),
            tokens_per_second=round(tokens / seconds, 1),
            mfu=mfu(operations, seconds, self._peak, self._processes.count),
            peak_memory_bytes=int(max(heard[len(wishes) :])),
        )
        return metrics, [wish > 0 for wish in heard[: len(wishes)]]

    def _backward(self, step: int, batch: Sequence[int], answer_tokens: int) -> torch.Tensor:
        """Accumulate this process's gradients; returns the sum of its losses."""
        processes, device = self._processes, self._processes.device
        total = torch.zeros((), device=device)
        split = split_batch(batch, self._lengths, self._tokens, processes.rank, processes.count, packed=self._packed)
        # A process without rows in a small last batch takes part with one that does not count.
        chosen = [[self._rows[index] for index in indices or batch[:1]] for indices in split]
        batches = prefetched(lambda rows: collate(rows, self._packed).to(device), chosen, device)
        for number, (indices, made) in enumerate(zip(split, batches, strict=True), 1):
            processes.at(step, number)
            loss = self._root(made.inputs, made.positions, made.targets) * (1 if indices else 0)
            # Gradients are averaged over processes, and the loss is a mean over all of their tokens. They are reduced
            # with every micro-batch: kept whole until the last one they would not fit.
            (loss * (processes.count / answer_tokens)).backward()
            total += loss.detach()
        return total

    def _failure(self, step: int, loss: float, grad_norm: float, learning_rate: float) -> CellFailure:
        checkpoints = self._state.checkpoints
        best = min(checkpoints, key=lambda checkpoint: checkpoint.validation_loss, default=None)
        last = f"the checkpoint of step {best.step} stays" if best else "no checkpoint was reached"
        return CellFailure(
            f"{self._cell.key}: step {step}: loss {loss}, gradient norm {grad_norm} at learning rate "
            f"{learning_rate:.3g}, expected finite numbers; {last}. Try a lower training.learning_rate or more "
            f"warmup_steps{', or precision: float32' if self._training.precision == 'bfloat16' else ''}"
        )
