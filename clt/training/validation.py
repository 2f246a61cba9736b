"""The validation loss: rows that are never trained on, the same for every n of a curve."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from accelerate import Accelerator

from clt.errors import CellFailure
from clt.progress import alive
from clt.training.data import TokenRow, collate
from clt.training.loss import AnswerLoss


class Validation:
    """The validation rows as batches of one language each, rows of similar length together."""

    def __init__(
        self,
        rows: Sequence[TokenRow],
        batch_size: int,
        *,
        model: Any,
        accelerator: Accelerator,
        loss: AnswerLoss,
        autocast: Callable[[], torch.autocast],
    ) -> None:
        self._accelerator, self._model, self._loss, self._autocast = accelerator, model, loss, autocast
        self._languages = list(dict.fromkeys(row.language for row in rows))
        self._tokens = {
            code: sum(row.answer_tokens for row in rows if row.language == code) for code in self._languages
        }
        self._batches: list[tuple[int, list[TokenRow]]] = []  # (number of the language, rows)
        for number, code in enumerate(self._languages):
            own = sorted((row for row in rows if row.language == code), key=lambda row: (len(row.ids), row.key))
            self._batches += [(number, own[start : start + batch_size]) for start in range(0, len(own), batch_size)]

    @torch.no_grad()
    def losses(self) -> dict[str, float]:
        """Nats per answer token in each language, over its rows of all tasks. CellFailure if one is not finite."""
        sums = torch.zeros(len(self._languages), dtype=torch.float64, device=self._accelerator.device)
        self._model.eval()
        for number, rows in self._batches[self._accelerator.process_index :: self._accelerator.num_processes]:
            with self._autocast():
                sums[number] += self._loss(self._model, collate(rows, self._accelerator.device))
            alive()
        totals = self._accelerator.reduce(sums, "sum").tolist()
        losses = {code: total / self._tokens[code] for code, total in zip(self._languages, totals, strict=True)}
        if broken := [code for code, loss in losses.items() if not math.isfinite(loss)]:
            raise CellFailure(
                f"validation loss {losses[broken[0]]} in {broken[0]}, expected a finite number; "
                "try a lower training.learning_rate or more warmup_steps"
            )
        return losses
