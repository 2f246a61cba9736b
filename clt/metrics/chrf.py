"""Overlap of texts by their characters."""

from functools import cache
from typing import Any

from clt.metrics.answers import TextAnswer
from clt.metrics.metric import UNSCORED, metric


@metric()
def chrf(answer: TextAnswer) -> float:
    """chrF: the F-measure (beta 2) of character n-grams up to 6 of text and reference (0 to 1).

    M. Popović, chrF: character n-gram F-score for automatic MT evaluation, 2015; sacrebleu's sentence score over 100.
    It needs no words, so that all scripts are treated alike; case and punctuation count, white space does not.
    Unreadable answer: an empty text is 0. Empty reference: NaN, unscored. Missing language: not used. Tokenizer: none;
    sacrebleu 2, signature nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no. Number separators: characters like others.
    """
    if not answer.reference.strip():
        return UNSCORED
    return float(_scorer().sentence_score(answer.text, [answer.reference]).score) / 100


@cache
def _scorer() -> Any:
    from sacrebleu.metrics import CHRF

    return CHRF()
