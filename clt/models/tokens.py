"""From text to token ids, the same way in training and in evaluation.

Prompt and answer are tokenised apart, so that the boundary between them is the same whether the answer is known
(training, likelihood) or about to be written (generation).
"""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from clt.errors import StudyError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# What a tokenizer puts before every text by itself (a beginning-of-sequence token, or nothing).
_PREFIXES: "WeakKeyDictionary[PreTrainedTokenizerBase, list[int]]" = WeakKeyDictionary()


def encode_prompt(tokenizer: "PreTrainedTokenizerBase", prompt: str) -> list[int]:
    """Token ids of a prompt; with a BOS token only if the tokenizer adds one by itself, and never two of them.

    Args:
        tokenizer: Decides about the BOS token.
        prompt: As the task's template renders it; a BOS token that it spells out is taken as one.
    """
    ids = tokenizer.encode(prompt, add_special_tokens=False, verbose=False)
    prefix = _prefix(tokenizer)
    # A template that spells the BOS token out already has it.
    return ids if ids[: len(prefix)] == prefix else prefix + ids


def encode_answer(tokenizer: "PreTrainedTokenizerBase", answer: str) -> list[int]:
    """Token ids of an answer and the stop token: everything that the model has to write, and the loss is taken on.

    Raises:
        StudyError: The tokenizer has no end-of-sequence token.
    """
    return [*tokenizer.encode(answer, add_special_tokens=False, verbose=False), stop_token(tokenizer)]


def stop_token(tokenizer: "PreTrainedTokenizerBase") -> int:
    """The id of the token that ends an answer.

    It may well be the padding token too; so nothing may ever be masked by its id, only by its position.

    Raises:
        StudyError: The tokenizer has no end-of-sequence token.
    """
    if tokenizer.eos_token_id is None:
        raise StudyError(
            f"the tokenizer of {tokenizer.name_or_path!r} has no end-of-sequence token, expected one to end answers "
            "with; set eos_token in its tokenizer_config.json",
            field="models",
        )
    return tokenizer.eos_token_id


def truncate_prompt(prompt_ids: list[int], max_tokens: int, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """The prompt's last tokens; a BOS token that the tokenizer adds stays first.

    The beginning is lost because the end of a prompt is where it asks for the answer.

    Args:
        prompt_ids: What `encode_prompt` returned.
        max_tokens: How many may stay, at least 1.
        tokenizer: The one that made them.
    """
    assert max_tokens >= 1, max_tokens
    if len(prompt_ids) <= max_tokens:
        return prompt_ids
    prefix = _prefix(tokenizer)
    kept = prefix if prefix and len(prefix) < max_tokens and prompt_ids[: len(prefix)] == prefix else []
    return kept + prompt_ids[len(prompt_ids) - (max_tokens - len(kept)) :]


def _prefix(tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    if tokenizer not in _PREFIXES:
        bare = tokenizer.encode("a", add_special_tokens=False)
        full = tokenizer.encode("a")
        start = next(i for i in range(len(full) - len(bare) + 1) if full[i : i + len(bare)] == bare)
        _PREFIXES[tokenizer] = full[:start]
    return _PREFIXES[tokenizer]
