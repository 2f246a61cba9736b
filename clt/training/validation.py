"""The validation loss: rows that are never trained on, the same for every n of a curve."""

import math
from collections.abc import Sequence

import torch

from clt.errors import CellFailure
from clt.progress import alive
from clt.training.batch import collate, prefetched
from clt.training.data import TokenRow, split_batch
from clt.training.layout import Layout
from clt.training.loss import AnswerModel
from clt.training.processes import Processes
from clt.training.sharding import reshard


class Validation:
    """The validation rows as batches of one language each, rows of similar length together.

    Every process has equally many batches, as each is a forward pass that all take part in; one without rows in a
    small batch takes part with one that does not count.
    """

    def __init__(
        self, rows: Sequence[TokenRow], tokens: int, *, layout: Layout, root: AnswerModel, processes: Processes
    ) -> None:
        self._root, self._processes, self._packed = root, processes, layout.packed
        self._languages = list(dict.fromkeys(row.language for row in rows))
        self._tokens = {
            code: sum(row.answer_tokens for row in rows if row.language == code) for code in self._languages
        }
        self._batches: list[tuple[int, list[TokenRow], int]] = []  # (number of the language, rows, whether they count)
        for number, code in enumerate(self._languages):
            own = sorted((row for row in rows if row.language == code), key=lambda row: row.key)
            lengths = [len(row.ids) for row in own]
            split = split_batch(range(len(own)), lengths, tokens, processes.rank, processes.count, packed=layout.packed)
            for indices in split:
                self._batches.append((number, [own[index] for index in indices or (0,)], 1 if indices else 0))

    @torch.no_grad()
    def losses(self) -> dict[str, float]:
        """Nats per answer token in each language, over its rows of all tasks. CellFailure if one is not finite."""
        device = self._processes.device
        sums = torch.zeros(len(self._languages), dtype=torch.float64, device=device)
        self._root.eval()
        chosen = [rows for _, rows, _ in self._batches]
        made = prefetched(lambda rows: collate(rows, self._packed).to(device), chosen, device)
        for (number, _, counts), batch in zip(self._batches, made, strict=True):
            sums[number] += counts * self._root(batch.inputs, batch.positions, batch.targets)
            alive()
        self._root.train()
        reshard(self._root)
        totals = self._processes.sum(sums).tolist()
        losses = {code: total / self._tokens[code] for code, total in zip(self._languages, totals, strict=True)}
        if broken := [code for code, loss in losses.items() if not math.isfinite(loss)]:
            raise CellFailure(
                f"validation loss {losses[broken[0]]} in {broken[0]}, expected a finite number; "
                "try a lower training.learning_rate or more warmup_steps"
            )
        return losses
