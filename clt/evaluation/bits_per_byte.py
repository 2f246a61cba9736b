"""Bits that a model needs for the reference, per UTF-8 byte of it (0 and up, lower is better).

The bits are those of the reference answer and its stop token, given the prompt; bytes make languages and tokenizers
comparable (Gao et al. 2020, The Pile, arXiv 2101.00027, section 3.1).
Unreadable answer: nothing is generated. Empty reference: NaN, unscored, as is one that does not fit into
training.max_tokens. Missing language: not used. Tokenizer: the model's own. Number separators: not used.
"""

import math


def bits_per_byte(bits: float | None, reference: str) -> float:
    """The score of one item.

    Args:
        bits: Sum of -log2 p over the tokens of the reference and its stop token; None if it cannot be asked for.
        reference: The reference answer.
    """
    return math.nan if bits is None else bits / len(reference.encode())
