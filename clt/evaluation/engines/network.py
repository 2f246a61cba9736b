"""A causal language model as decoding sees it: token ids and a cache in, the logits of the next token out."""

import inspect
from typing import Any

import torch
from transformers.cache_utils import DynamicCache


class Network:
    """Any family's `forward`: what it calls its cache, and which inputs it knows."""

    def __init__(self, model: Any) -> None:
        inner = model.get_base_model() if hasattr(model, "peft_config") else model
        known = inspect.signature(inner.forward).parameters
        self._model, self._known = model, frozenset(known)
        self._cache_name = "cache_params" if "cache_params" in known else "past_key_values"
        self.dtype: torch.dtype = model.dtype
        self.device: torch.device = model.device
        self.family: str = model.config.model_type
        self.vocabulary: int = model.get_input_embeddings().num_embeddings

    def empty_cache(self) -> DynamicCache:
        return DynamicCache(config=self._model.config)

    def __call__(
        self,
        ids: torch.Tensor,
        *,
        cache: DynamicCache | None = None,
        mask: torch.Tensor | None = None,
        positions: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of what follows the last column, (rows, vocabulary); the arguments are those of `last_logits`."""
        return self.last_logits(ids, cache=cache, mask=mask, positions=positions, columns=1)[:, -1]

    def last_logits(
        self,
        ids: torch.Tensor,
        *,
        cache: DynamicCache | None = None,
        mask: torch.Tensor | None = None,
        positions: torch.Tensor | None = None,
        columns: int,
    ) -> torch.Tensor:
        """Logits of what follows each of the last columns.

        Args:
            ids: (rows, length), int64.
            cache: What was seen before; the ids are added to it.
            mask: (rows, columns before and now), 0 where there is no token; None: there is one everywhere.
            positions: Of the ids in their rows, (rows, length); None: they go on without a gap.
            columns: So many, at least.

        Returns:
            (rows, columns or more, vocabulary)
        """
        inputs = {"attention_mask": mask, "position_ids": positions, self._cache_name: cache, "logits_to_keep": columns}
        given = {name: value for name, value in inputs.items() if value is not None and name in self._known}
        logits: torch.Tensor = self._model(input_ids=ids, use_cache=cache is not None, **given).logits
        return logits
