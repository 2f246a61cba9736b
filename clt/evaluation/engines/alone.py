"""A row by itself: for models whose cache rows cannot share, or is none of transformers' DynamicCache."""

from collections.abc import Sequence

import torch

from clt.evaluation.engines.network import Network


class Alone:
    """One row, and a cache that goes back to the model as it is; without one, all tokens are seen at every step."""

    def __init__(self, network: Network, prompt: Sequence[int], *, remembers: bool) -> None:
        self._network = network
        self._cache = network.empty_cache() if remembers else None
        self._unseen = [*prompt]

    def logits(self) -> torch.Tensor:
        """Let the model see what it has not seen yet: logits of the next token, (1, vocabulary)."""
        logits = self._network(torch.tensor([self._unseen], device=self._network.device), cache=self._cache)
        self._unseen = [] if self._cache is not None else self._unseen
        return logits

    def add(self, token: int) -> None:
        """Go on with this token."""
        self._unseen.append(token)
