"""Rows that are decoded side by side: some leave when they are finished, others join."""

from collections.abc import Sequence

import torch
from transformers.cache_utils import DynamicCache

from clt.evaluation.engines import caches
from clt.evaluation.engines.network import Network


class Batch:
    """Rows, each with what the model remembers of its tokens, and the last token, which it has not seen yet."""

    def __init__(self, network: Network, cache: DynamicCache, lengths: Sequence[int], tokens: Sequence[int]) -> None:
        """Rows that end in the same column of the cache, after so many tokens each, and the token that follows."""
        self._network, self._cache, self._lengths, self._tokens = network, cache, [*lengths], [*tokens]

    def logits(self) -> torch.Tensor:
        """Let the model see the last token of every row: logits of the next, (rows, vocabulary)."""
        lengths, width = torch.tensor(self._lengths), max(self._lengths)
        mask = (torch.arange(width + 1) >= (width - lengths)[:, None]).long()
        device = self._network.device
        logits = self._network(
            torch.tensor(self._tokens, device=device)[:, None],
            cache=self._cache,
            mask=mask.to(device) if caches.has_columns(self._cache) else None,
            positions=lengths[:, None].to(device),
        )
        self._lengths = [length + 1 for length in self._lengths]
        return logits

    def add(self, tokens: Sequence[int]) -> None:
        """Go on with these tokens, one a row."""
        self._tokens = [*tokens]

    def keep(self, rows: Sequence[int]) -> None:
        """Drop all rows but these, which take this order."""
        self._lengths, self._tokens = [self._lengths[row] for row in rows], [self._tokens[row] for row in rows]
        caches.select(self._cache, rows)
        caches.fit(self._cache, max(self._lengths))

    @classmethod
    def joined(cls, batches: "Sequence[Batch]") -> "Batch":
        """The rows of all batches, in their order; the batches themselves are used up."""
        if len(batches) == 1:
            return batches[0]
        lengths = [length for batch in batches for length in batch._lengths]
        for batch in batches:
            caches.fit(batch._cache, max(lengths))
        tokens = [token for batch in batches for token in batch._tokens]
        return cls(batches[0]._network, caches.join([batch._cache for batch in batches]), lengths, tokens)
