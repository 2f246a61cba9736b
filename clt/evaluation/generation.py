"""Batched greedy generation.

The same tokens as `transformers.generate(do_sample=False)` (a test compares them), with two differences: no generation
config of the model can change the decoding (repetition penalties, forced tokens), and rows that are finished leave
the batch, so that the steps of the longest answer are not computed for the others.
In float32 the batch size changes logits by rounding only (a test checks the text); in bfloat16 it can change the text,
so it is part of the answers' key.
"""

from collections.abc import Sequence
from typing import Any

import torch

from clt.evaluation.padding import batches, left_padded, supported_kwargs
from clt.progress import alive

COMPACT_BELOW = 0.75  # of the rows still running: then copying the cache is cheaper than carrying finished rows


@torch.inference_mode()
def generate(
    model: Any, prompts: Sequence[Sequence[int]], *, stop: int, max_new_tokens: int, batch_size: int
) -> list[list[int]]:
    """The tokens that follow each prompt, in the order of the prompts: up to `stop` (left out) or `max_new_tokens`."""
    written: list[list[int]] = [[] for _ in prompts]
    for indices in batches([len(prompt) for prompt in prompts], batch_size):
        batch = _generate_batch(model, [prompts[index] for index in indices], stop, max_new_tokens)
        for index, tokens in zip(indices, batch, strict=True):
            written[index] = tokens
        alive()
    return written


def _generate_batch(model: Any, prompts: list[Sequence[int]], stop: int, max_new_tokens: int) -> list[list[int]]:
    inputs = left_padded(prompts, model.device)
    mask, positions = inputs["attention_mask"], inputs["position_ids"][:, -1:]
    output = model(**supported_kwargs(model, **inputs, use_cache=True, logits_to_keep=1))
    written: list[list[int]] = [[] for _ in prompts]
    rows = list(range(len(prompts)))  # which prompt each row of the batch continues
    for made in range(1, max_new_tokens + 1):
        tokens = output.logits[:, -1].argmax(dim=-1)
        chosen = tokens.tolist()
        for row, token in zip(rows, chosen, strict=True):
            if not _finished(written[row], stop):
                written[row].append(token)
        running = [index for index, row in enumerate(rows) if not _finished(written[row], stop)]
        if not running or made == max_new_tokens:
            break
        cache = output.past_key_values
        if len(running) < COMPACT_BELOW * len(rows) and hasattr(cache, "batch_select_indices"):
            kept = torch.tensor(running, device=model.device)
            cache.batch_select_indices(kept)
            tokens, mask, positions = tokens[kept], mask[kept], positions[kept]
            rows = [rows[index] for index in running]
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
        positions = positions + 1
        output = model(
            **supported_kwargs(
                model,
                input_ids=tokens[:, None],  # (rows, 1)
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
            )
        )
    return [tokens[:-1] if _finished(tokens, stop) else tokens for tokens in written]


def _finished(tokens: list[int], stop: int) -> bool:
    return bool(tokens) and tokens[-1] == stop
