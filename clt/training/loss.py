"""The loss: cross-entropy on answer tokens only, and logits for answer tokens only.

Causal models of every family end in an output layer that maps hidden states to logits; some scale or cap the logits
after it (Cohere, Granite, Gemma). The loss is taken inside that layer's forward pass: there its weight is gathered,
only the positions that predict answer tokens come in, and logits never exist as a whole.
"""

import logging
from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from clt.training.cross_entropy import LogitRule, chunk_tokens, summed_cross_entropy
from clt.training.sharding import reshard

_LOG = logging.getLogger("clt.training")
_TOLERANCE = 3e-2  # of logits, relative to the largest: bfloat16 rounds each step of the rule


class AnswerModel(torch.nn.Module):
    """A causal model that ends in its loss instead of its logits.

    Args:
        model: Of transformers, with or without an adapter of peft; its output layer changes what it does in training.
        tokens: Whose logits exist at once; None: as many as `cross_entropy` says.
    """

    def __init__(self, model: Any, tokens: int | None = None) -> None:
        super().__init__()
        self.model = model
        head = model.get_output_embeddings()
        self.vocabulary: int = head.weight.shape[0]
        self._rule, self._tokens = logit_rule(model.config), tokens or chunk_tokens(self.vocabulary)
        # An output layer with an adapter computes more than its weight says.
        self.fused = type(head) is torch.nn.Linear
        self._chosen: tuple[torch.Tensor, torch.Tensor] | None = None  # positions and targets of the batch at work
        self._loss: torch.Tensor | None = None
        self._plain = head.forward
        head.forward = self._in_head

    def forward(
        self, inputs: Mapping[str, Any], positions: torch.Tensor | None = None, targets: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Sum of the cross-entropies of the answer tokens, in nats, float32, a scalar that gradients flow through.

        Args:
            inputs: What the model is called with: input_ids, and what tells its rows apart.
            positions: int64, (answer tokens,): into the flattened input, the token before each answer token. Without
                them the result is the model's logits.
            targets: int64, (answer tokens,).
        """
        if positions is None or targets is None:
            return self.model(**inputs, use_cache=False).logits
        self._chosen = positions, targets
        try:
            logits = self.model(**inputs, use_cache=False).logits
            if not self.fused:
                return cross_entropy(logits[0].float(), targets, reduction="sum")
            assert self._loss is not None, "the output layer was not called"
            return self._loss.sum()
        finally:
            self._chosen = self._loss = None

    @torch.no_grad()
    def logits(self, inputs: Mapping[str, Any]) -> torch.Tensor:
        """The model's logits for a few tokens, without dropout; all processes take part."""
        modes = [(module, module.training) for module in self.modules()]
        self.eval()
        try:
            return self(inputs)
        finally:
            for module, training in modes:
                module.training = training
            reshard(self)

    def check_rule(self, ids: torch.Tensor) -> None:
        """Try once whether the model's logits are what its configuration says of them; all processes take part.

        Where they are not, they come from the model itself from then on, and exist as a whole.

        Args:
            ids: int64, (1, tokens): any few tokens.
        """
        if not self.fused:
            return
        seen: list[torch.Tensor] = []
        head = self.model.get_output_embeddings()
        hook = head.register_forward_hook(lambda module, inputs, output: seen.append(output.float()))
        logits = self.logits({"input_ids": ids}).float()
        hook.remove()
        expected = self._rule(seen[0].clone())
        if ((logits - expected).abs().max() / expected.abs().max().clamp(min=1e-6)).item() > _TOLERANCE:
            self.fused = False
            _LOG.warning(
                f"{type(self.model).__name__} changes its logits in a way of its own after the output layer: they are "
                "made for all answer tokens of a micro-batch at once; if memory runs out, make micro-batches smaller"
            )

    def _in_head(self, hidden: torch.Tensor) -> torch.Tensor:
        """The output layer's forward pass. Its result has to be what gradients come in by, for `fully_shard`."""
        if self._chosen is None:
            return self._plain(hidden)
        positions, targets = self._chosen
        hidden = hidden.flatten(0, -2).index_select(0, positions)
        if not self.fused:
            return self._plain(hidden[None])
        head = self.model.get_output_embeddings()
        loss = summed_cross_entropy(hidden, head.weight, head.bias, targets, rule=self._rule, tokens=self._tokens)
        # What the model does to its logits next is of no use, and of no harm to a copy.
        self._loss = loss.reshape(1, 1, 1).clone()
        return self._loss


def logit_rule(config: Any) -> LogitRule:
    """What a model does to its logits, by the names that transformers' configurations have for it."""
    text = config.get_text_config()
    scale = float(getattr(text, "logit_scale", None) or 1.0)  # Cohere
    scale /= float(getattr(text, "logits_scaling", None) or 1.0)  # Granite
    return LogitRule(scale=scale, cap=getattr(text, "final_logit_softcapping", None))  # Gemma
