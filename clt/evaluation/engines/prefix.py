"""The tokens that all prompts begin with, as the exemplars of one language: a model sees them once."""

import copy
from collections import defaultdict
from collections.abc import Sequence

import torch

from clt.evaluation.engines import caches
from clt.evaluation.engines.batch import Batch
from clt.evaluation.engines.network import Network

WORTHWHILE = 8  # tokens; fewer are as quickly seen with each prompt


def common_prefix(prompts: Sequence[Sequence[int]]) -> list[int]:
    """The longest beginning that all prompts share and that leaves a token of each, if worth a pass of its own."""
    if len(prompts) < 2:
        return []
    first, last = min(map(list, prompts)), max(map(list, prompts))  # in alphabetical order: no two differ earlier
    shortest = min(map(len, prompts)) - 1
    length = next((place for place in range(shortest) if first[place] != last[place]), shortest)
    return first[:length] if length >= WORTHWHILE else []


class Prefix:
    """What a model remembers of such tokens, to go on from with any prompt that begins with them."""

    def __init__(self, network: Network, tokens: Sequence[int], *, pads: bool) -> None:
        """`pads`: whether prompts of different lengths go on from it in one pass, padded at the right.

        Attention never looks there. A layer with a state would take the padding in.

        Raises:
            NotImplementedError: The model's cache has layers that this cannot be done with.
        """
        self._network, self._tokens, self._pads = network, [*tokens], pads
        self._cache = network.empty_cache()
        if not caches.is_known(self._cache) or (pads and caches.has_states(self._cache)):
            raise NotImplementedError(f"{network.family}: {pads=}, {self._cache.layers}")
        if pads:
            caches.keep_past(self._cache)
        if self._tokens:
            network(torch.tensor([self._tokens], device=network.device), cache=self._cache)

    def batches(self, prompts: Sequence[Sequence[int]]) -> list[tuple[list[int], Batch]]:
        """The prompts as batches, each with the places in `prompts` of its rows; last tokens are left for decoding."""
        groups: dict[int, list[int]] = defaultdict(list)
        for place, prompt in enumerate(prompts):
            groups[0 if self._pads else len(prompt)].append(place)
        return [(places, self._batch([prompts[place] for place in places])) for places in groups.values()]

    def _batch(self, prompts: Sequence[Sequence[int]]) -> Batch:
        lengths = [len(prompt) - 1 for prompt in prompts]
        begun, width = len(self._tokens), max(lengths)
        cache = copy.deepcopy(self._cache)
        if begun:
            caches.select(cache, [0] * len(prompts))
        rows = [[*prompt[begun:-1], *[0] * (width - length)] for prompt, length in zip(prompts, lengths, strict=True)]
        if width > begun:
            self._network(torch.tensor(rows, device=self._network.device), cache=cache)
        elif not begun:  # a prompt of one token, with nothing before it: the cache gets its rows, and forgets again
            self._network(torch.zeros(len(prompts), 1, dtype=torch.long, device=self._network.device), cache=cache)
            caches.clear(cache)
        if self._pads:
            caches.align(cache, lengths)
        return Batch(self._network, cache, lengths, [prompt[-1] for prompt in prompts])
