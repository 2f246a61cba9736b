"""The loss: cross-entropy on answer tokens only, and logits for answer tokens only.

Causal models of every family end in an output layer that maps hidden states to logits; some scale or cap the logits
after it (Cohere, Gemma, Granite). A hook lets only the positions that predict answer tokens into that layer, so the
rest of the model's own code runs as it is, and prompts cost neither time nor memory there.
"""

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from clt.training.data import Batch

# Logits held at once: 2**26 are 256 MiB in float32. Beyond that they are made in chunks, again in the backward pass.
MAX_LOGITS = 2**26


class AnswerLoss:
    """Sum of the cross-entropies of a batch's answer tokens, in nats, float32."""

    def __init__(self, model: Any, max_logits: int = MAX_LOGITS) -> None:
        self._model, self._head, self._max_logits = model, model.get_output_embeddings(), max_logits
        self._positions: torch.Tensor | None = None
        self._hidden: torch.Tensor | None = None  # of the last batch's answer positions, (answer tokens, width)
        self._chunked = False
        self._head.register_forward_pre_hook(self._select)
        self._vocabulary = self._head.weight.shape[0]
        self._is_last: bool | None = None

    def __call__(self, forward: Any, batch: Batch) -> torch.Tensor:
        """The loss of one batch.

        Args:
            forward: The model as accelerate wrapped it, or the model itself.
            batch: At least one row.

        Returns:
            A scalar that gradients flow through.
        """
        self._chunked = len(batch.targets) * self._vocabulary > self._max_logits and self._head_is_last(batch)
        self._positions = batch.positions
        try:
            logits = forward(input_ids=batch.input_ids, use_cache=False).logits[0]
        finally:
            self._positions = None
        if not self._chunked:
            return cross_entropy(logits.float(), batch.targets, reduction="sum")
        hidden, self._hidden = self._hidden, None
        assert hidden is not None
        size = max(1, self._max_logits // self._vocabulary)
        pieces = zip(hidden.split(size), batch.targets.split(size), strict=True)
        return torch.stack([checkpoint(self._piece, *piece, use_reentrant=False) for piece in pieces]).sum()

    def _piece(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return cross_entropy(self._head(hidden).float(), targets, reduction="sum")

    def _select(self, _: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...] | None:
        if self._positions is None:
            return None
        hidden = inputs[0].flatten(0, -2).index_select(0, self._positions)
        if self._chunked:
            self._hidden, hidden = hidden, hidden[:1]  # the model's own logits are not used
        return (hidden[None], *inputs[1:])

    def _head_is_last(self, batch: Batch) -> bool:
        """Whether the model's logits are the output layer's, unscaled and uncapped; tried out on two tokens, once."""
        if self._is_last is None:
            outputs: list[torch.Tensor] = []
            hook = self._head.register_forward_hook(lambda module, inputs, output: outputs.append(output))
            with torch.no_grad():
                logits = self._model(input_ids=batch.input_ids[:1, :2], use_cache=False).logits
            hook.remove()
            self._is_last = torch.equal(logits, outputs[0])
        return self._is_last
