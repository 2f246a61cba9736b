"""What a model remembers of the tokens that it has seen: the layers of transformers' DynamicCache, row by row.

Rows of a batch are of different lengths. In a cache they end in the same column; what lies before a row's first token
is never seen, as it is masked. A layer of attention holds every token, or the last of a window; a layer with a state
(state space, linear attention, convolution) holds what it has made of them, and has no columns.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import torch
from transformers import cache_utils
from transformers.cache_utils import (
    DynamicCache,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    LinearAttentionCacheLayerMixin,
)

KNOWN = {
    cache_utils.DynamicLayer,
    cache_utils.DynamicSlidingWindowLayer,
    cache_utils.LinearAttentionLayer,
    cache_utils.LinearAttentionAndFullAttentionLayer,
    cache_utils.LinearAttentionAndSlidingWindowAttentionLayer,
    cache_utils.DummyLayer,
}


def is_known(cache: DynamicCache) -> bool:
    """Whether every layer is of a kind whose rows can be moved and joined."""
    return all(type(layer) in KNOWN for layer in cache.layers)


def has_states(cache: DynamicCache) -> bool:
    """Whether a layer has a state: it sees padding, wherever that is."""
    return any(isinstance(layer, LinearAttentionCacheLayerMixin) for layer in cache.layers)


def has_columns(cache: DynamicCache) -> bool:
    """Whether a layer holds tokens: it needs a mask."""
    return any(isinstance(layer, DynamicLayer) for layer in cache.layers)


def keep_past(cache: DynamicCache) -> None:
    """Let windows keep every token until `align` cuts each row's own window. Not for layers that have a state too."""
    for layer in cache.layers:
        if isinstance(layer, DynamicSlidingWindowLayer):
            layer.record_past = True


def select(cache: DynamicCache, rows: Sequence[int]) -> None:
    """Leave these rows, in this order; one may be named several times."""
    cache.reorder_cache(torch.LongTensor(rows))  # each layer takes it to its own device


def align(cache: DynamicCache, lengths: Sequence[int]) -> None:
    """Let rows that begin in the first column, and have so many tokens, end in the same column."""
    width = max(lengths)
    shifts = torch.tensor([width - length for length in lengths])
    columns = (torch.arange(width) - shifts[:, None]).clamp(min=0)  # (rows, width): where each token is now
    for layer in _with_tokens(cache):
        index = columns.to(layer.keys.device)[:, None, :, None]
        held = (layer.keys, layer.values)
        keys, values = (each.gather(2, index.expand(*each.shape[:2], -1, each.shape[3])) for each in held)
        _set(layer, keys, values, width=width)


def clear(cache: DynamicCache) -> None:
    """Forget all tokens, and keep the rows."""
    fit(cache, 0)
    for state in chain.from_iterable(states.values() for layer in cache.layers for states in _states(layer)):
        if state is not None:
            state.zero_()


def fit(cache: DynamicCache, width: int) -> None:
    """Let the rows have so many columns: those at the left are dropped, or are new and empty."""
    for layer in _with_tokens(cache):
        _set(layer, layer.keys, layer.values, width=width)


def join(caches: Sequence[DynamicCache]) -> DynamicCache:
    """The rows of caches of the same width, in the first of them."""
    for layers in zip(*(cache.layers for cache in caches), strict=True):
        for states in zip(*map(_states, layers), strict=True):
            for number, state in states[0].items():
                if state is not None:
                    states[0][number] = torch.cat([each[number] for each in states])
    for joined, *others in zip(*map(_with_tokens, caches), strict=True):
        joined.keys = torch.cat([joined.keys, *(other.keys for other in others)])
        joined.values = torch.cat([joined.values, *(other.values for other in others)])
    return caches[0]


def _states(layer: Any) -> list[dict[int, Any]]:
    return [layer.conv_states, layer.recurrent_states] if isinstance(layer, LinearAttentionCacheLayerMixin) else []


def _with_tokens(cache: DynamicCache) -> list[Any]:
    return [layer for layer in cache.layers if isinstance(layer, DynamicLayer) and layer.is_initialized]


def _set(layer: Any, keys: torch.Tensor, values: torch.Tensor, *, width: int) -> None:
    held = width
    if isinstance(layer, DynamicSlidingWindowLayer):
        held = min(width, layer.sliding_window - 1)
        layer.cumulative_length, layer.record_past = width, False
    layer.keys, layer.values = _last(keys, held), _last(values, held)


def _last(tokens: torch.Tensor, width: int) -> torch.Tensor:
    """The last columns of (rows, heads, columns, channels), with empty ones before them where there are too few."""
    missing = width - tokens.shape[-2]
    return torch.nn.functional.pad(tokens, (0, 0, missing, 0)) if missing > 0 else tokens[..., -missing:, :]
