"""Whether a model takes rows end to end, or needs them padded: asked of the model itself, once, before training."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from clt.training.attention import ROWS
from clt.training.batch import collate
from clt.training.data import TokenRow
from clt.training.loss import AnswerModel
from clt.training.processes import Processes

LAYERS = {"full_attention", "sliding_attention"}
PROBE = (7, 12)  # tokens of the rows that are tried
# Of the difference's norm to the logits' own. In half precision kernels differ by some hundredths over a deep model;
# rows that see each other differ by more.
TOLERANCE = {torch.float32: 1e-4}
HALF_TOLERANCE = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    packed: bool  # rows end to end; otherwise padded
    because: str | None = None  # why they are padded


def choose_layout(root: AnswerModel, processes: Processes) -> Layout:
    """Packed rows where the model computes the same with them, otherwise padded ones; sets its attention accordingly.

    Every process of a training calls it at the same place, as its forward passes are shared. The model's modes, its
    gradients and all random states stay as they are.

    Args:
        root: With its weights.
        processes: That train it.
    """
    device = processes.device
    base = root.model.get_base_model() if hasattr(root.model, "get_base_model") else root.model
    because = _obstacle(base, device)
    if because is None:
        before = base.config._attn_implementation
        alone = [root.logits(collate([row], False).to(device).inputs) for row in _probe(base)]
        base.set_attn_implementation(ROWS)
        try:
            together = root.logits(collate(_probe(base), True).to(device).inputs)
            if not _agree(alone, together.split(PROBE, dim=1)):
                because = "with rows end to end it computes something else"
        except torch.OutOfMemoryError:
            raise
        except (ImportError, RuntimeError, TypeError, ValueError) as error:  # models and kernels refuse in many ways
            because = f"rows end to end are refused: {str(error).splitlines()[0]}"
        # One with another layout than the others would wait for them for ever.
        if processes.sum(torch.tensor(float(because is not None))):
            base.set_attn_implementation(before)
            because = because or "with rows end to end it computes something else in another process"
    return Layout(packed=because is None, because=because and f"{type(base).__name__}: {because}")


def _obstacle(base: Any, device: torch.device) -> str | None:
    """What the configuration says against packed rows; short rows would not show all of it."""
    config = base.config.get_text_config()
    if not getattr(base, "_supports_attention_backend", False):
        return "it takes no attention from outside"
    if others := sorted(set(getattr(config, "layer_types", None) or ()) - LAYERS):
        return f"it has layers of {', '.join(others)}"
    if getattr(config, "attn_logit_softcapping", None) is not None:
        return "it caps the scores of its attention"
    if any(name.endswith("sinks") for name, _ in base.named_parameters()):
        return "its attention has sinks"
    if device.type == "cuda" and getattr(config, "attention_dropout", False):
        return "its attention has dropout"
    return None


def _probe(base: Any) -> list[TokenRow]:
    """Rows of different lengths, whose tokens are spread over the vocabulary."""
    vocabulary = base.config.get_text_config().vocab_size
    ids = (1 + 7919 * np.arange(sum(PROBE), dtype=np.int64)) % vocabulary
    rows = np.split(ids, np.cumsum(PROBE)[:-1])
    return [TokenRow(key=str(number), language="", ids=row, answer_start=1) for number, row in enumerate(rows)]


def _agree(alone: list[torch.Tensor], together: tuple[torch.Tensor, ...]) -> bool:
    tolerance = TOLERANCE.get(alone[0].dtype, HALF_TOLERANCE)
    return all(
        bool((left.float() - right.float()).norm() <= tolerance * left.float().norm())
        for left, right in zip(alone, together, strict=True)
    )
