"""Causal attention among the tokens of each row, for rows that lie end to end in one sequence.

transformers finds it under the name `ROWS` (`model.set_attn_implementation`). It gets no mask, as none is registered
with that name, and so no (tokens, tokens) mask is built: where rows begin is in the model's keyword arguments
cu_seq_lens_q and max_length_q, which every layer hands on. Without them each row of the input is one row.
"""

from itertools import groupby
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

ROWS = "clt_rows"


def rows_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *,
    dropout: float = 0.0,
    scaling: float | None = None,
    sliding_window: int | None = None,
    cu_seq_lens_q: torch.Tensor | None = None,
    max_length_q: int | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers calls it.

    Args:
        module: The layer that asks.
        query: (inputs, heads, tokens, width).
        key: (inputs, key heads, tokens, width); key heads divide heads.
        value: As `key`.
        attention_mask: None.
        dropout: Of the attention's weights; on a CPU only.
        scaling: Of the scores; None is 1 / sqrt(width).
        sliding_window: How many tokens a token sees, itself included; None is all before it.
        cu_seq_lens_q: (rows + 1,), the bounds of rows in the one input.
        max_length_q: Tokens of the longest row.
        options: What other models or implementations ask for.

    Returns:
        (inputs, tokens, heads, width), and no weights.

    Raises:
        NotImplementedError: The layer asks for what this attention has not.
    """
    if attention_mask is not None or not getattr(module, "is_causal", True) or options.get("is_causal") is False:
        raise NotImplementedError("attention that is not causal")
    for option in ("softcap", "s_aux", "position_bias"):
        if options.get(option) is not None:
            raise NotImplementedError(f"attention with {option}")
    query, key = query.to(value.dtype), key.to(value.dtype)  # autocast leaves them in float32 after rotary positions
    if query.is_cuda and value.dtype != torch.float32 and cu_seq_lens_q is not None and max_length_q is not None:
        if dropout:
            raise NotImplementedError("attention with dropout on an accelerator")
        return _at_once(query, key, value, cu_seq_lens_q, max_length_q, scaling, sliding_window), None
    # In float32 an accelerator goes this way, too, and its host waits for the lengths.
    lengths = [query.shape[2]] if cu_seq_lens_q is None else cu_seq_lens_q.diff().tolist()
    alike = [(length, len(list(rows))) for length, rows in groupby(lengths)]
    spans = [length * count for length, count in alike]
    pieces = [
        _alike(query, key, value, length, dropout, scaling, sliding_window)
        for (length, _), query, key, value in zip(
            alike, query.split(spans, dim=2), key.split(spans, dim=2), value.split(spans, dim=2), strict=True
        )
    ]
    return (pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=1)), None


def _at_once(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    bounds: torch.Tensor,
    longest: int,
    scaling: float | None,
    window: int | None,
) -> torch.Tensor:
    """All rows in one call of torch's attention for rows of several lengths."""
    from torch.nn.attention.varlen import varlen_attn

    outcome = varlen_attn(
        query[0].transpose(0, 1),  # (tokens, heads, width)
        key[0].transpose(0, 1),
        value[0].transpose(0, 1),
        bounds,
        bounds,
        longest,
        longest,
        scale=scaling,
        window_size=(-1, 0) if window is None or window >= longest else (window - 1, 0),
        enable_gqa=True,
    )
    assert isinstance(outcome, torch.Tensor)
    return outcome[None]


def _alike(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    length: int,
    dropout: float,
    scaling: float | None,
    window: int | None,
) -> torch.Tensor:
    """Neighbouring rows of one length side by side: (inputs, their tokens, heads, width)."""

    def side_by_side(states: torch.Tensor) -> torch.Tensor:  # (inputs x rows, heads, length, width)
        return states.unflatten(2, (-1, length)).transpose(1, 2).flatten(0, 1)

    band = None
    if window is not None and window < length:
        place = torch.arange(length, device=query.device)
        distance = place[:, None] - place
        band = (distance >= 0) & (distance < window)
    outcome = scaled_dot_product_attention(
        side_by_side(query),
        side_by_side(key),
        side_by_side(value),
        attn_mask=band,
        dropout_p=dropout,
        is_causal=band is None,
        scale=scaling,
        enable_gqa=True,
    )
    return outcome.unflatten(0, (query.shape[0], -1)).transpose(2, 3).flatten(1, 2)


AttentionInterface.register(ROWS, rows_attention)
