"""Cross-entropy of hidden states through the output layer, in chunks, so that no more logits exist at once than fit.

Its gradients are made in the forward pass, chunk by chunk, while the logits are there. The weight's is summed in
float32: in bfloat16 256 chunks are off by 2.6e-2 (Liger-Kernel#512).
"""

from dataclasses import dataclass
from typing import Any

import torch

from clt.study import CHUNK_LOGITS, CHUNK_TOKENS


@dataclass(frozen=True, kw_only=True, slots=True)
class LogitRule:
    """What a model does to its output layer's logits: cap * tanh(scale * logits / cap)."""

    scale: float = 1.0
    cap: float | None = None

    def __call__(self, logits: torch.Tensor) -> torch.Tensor:
        """float32 logits, changed in place."""
        if self.scale != 1.0:
            logits.mul_(self.scale)
        return logits if self.cap is None else logits.div_(self.cap).tanh_().mul_(self.cap)


def chunk_tokens(vocabulary: int) -> int:
    """How many tokens have their logits at once."""
    return max(CHUNK_TOKENS, CHUNK_LOGITS // vocabulary)


def summed_cross_entropy(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    targets: torch.Tensor,
    *,
    rule: LogitRule,
    tokens: int,
) -> torch.Tensor:
    """Sum of -log p(target) in nats, float32, a scalar that gradients flow through.

    Args:
        hidden: (n, width), in the type that the model computes in.
        weight: (vocabulary, width), of the output layer.
        bias: (vocabulary,), if it has one.
        targets: int64, (n,).
        rule: What comes after the output layer.
        tokens: Of a chunk.
    """
    # Within `forward` gradients are always off, and a weight that is trained says yes in validation too.
    return _SummedCrossEntropy.apply(hidden, weight, bias, targets, rule, tokens, torch.is_grad_enabled())


class _SummedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        targets: torch.Tensor,
        rule: LogitRule,
        tokens: int,
        wanted: bool,
    ) -> torch.Tensor:
        wants_hidden, wants_weight, wants_bias = (wanted and wants for wants in ctx.needs_input_grad[:3])
        wants = wants_hidden or wants_weight or wants_bias
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        of_hidden = torch.empty_like(hidden) if wants_hidden else None
        of_weight = torch.zeros_like(weight, dtype=torch.float32) if wants_weight else None
        of_bias = torch.zeros_like(bias, dtype=torch.float32) if bias is not None and wants_bias else None
        for start in range(0, len(hidden), tokens):
            part = slice(start, start + tokens)
            logits = rule(torch.nn.functional.linear(hidden[part], weight, bias).float())
            chosen = targets[part, None]
            normalizer = logits.logsumexp(-1, keepdim=True)
            total += (normalizer - logits.gather(-1, chosen)).sum()
            if not wants:
                continue
            slope = _slope(logits, normalizer, chosen, rule).to(hidden.dtype)
            if of_hidden is not None:
                torch.mm(slope, weight, out=of_hidden[part])
            if of_weight is not None:
                of_weight += slope.T @ hidden[part]
            if of_bias is not None:
                of_bias += slope.sum(0, dtype=torch.float32)
            del logits, slope  # before the next chunk's are made
        ctx.save_for_backward(of_hidden, of_weight, of_bias)
        ctx.dtypes = weight.dtype, None if bias is None else bias.dtype
        return total

    @staticmethod
    def backward(ctx: Any, *slopes: Any) -> tuple[torch.Tensor | None, ...]:
        of_hidden, of_weight, of_bias = ctx.saved_tensors
        (slope,), (weight_type, bias_type) = slopes, ctx.dtypes
        return (
            # Rounded to bfloat16 the factor would be off, and the gradients of all layers with it.
            None if of_hidden is None else (of_hidden.float() * slope).to(of_hidden.dtype),
            None if of_weight is None else of_weight.mul_(slope).to(weight_type),
            None if of_bias is None else of_bias.mul_(slope).to(bias_type),
            None,
            None,
            None,
            None,
        )


def _slope(logits: torch.Tensor, normalizer: torch.Tensor, chosen: torch.Tensor, rule: LogitRule) -> torch.Tensor:
    """The gradient by the output layer's logits: softmax less one at the target, through cap and scale."""
    bend = None if rule.cap is None else (logits / rule.cap).square_().neg_().add_(1)
    slope = logits.sub_(normalizer).exp_()
    slope.scatter_add_(-1, chosen, slope.new_full(chosen.shape, -1.0))
    if bend is not None:
        slope.mul_(bend)
    return slope if rule.scale == 1.0 else slope.mul_(rule.scale)
