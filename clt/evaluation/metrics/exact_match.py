"""Whether prediction and reference are the same text after normalization (0 or 1).

Both are brought to Unicode NFKC (full-width and ASCII letters agree) and case-folded; format characters such as
bidirectional marks are dropped; white space is squeezed to one space; the white space and the terminal punctuation of
any script (. ! ? 。 ، ؟ । ...) at the end is cut off, as is white space at the beginning.
Unreadable answer: an empty prediction is 0. Empty reference: NaN, unscored, also if it is only punctuation. Missing
language: not used. Tokenizer: none. Number separators: not understood, 1,000 and 1000 differ (math_answer reads them).
"""

import unicodedata
from collections.abc import Sequence

import regex

from clt.evaluation.item_metric import UNSCORED, ItemMetric

_END = regex.compile(r"[\s\p{Terminal_Punctuation}]+\Z")


class ExactMatch(ItemMetric):
    def score_items(
        self, predictions: Sequence[str], references: Sequence[str], languages: Sequence[str]
    ) -> list[float]:
        return [_score(*item) for item in zip(predictions, references, strict=True)]


def _score(prediction: str, reference: str) -> float:
    wanted = _normalized(reference)
    return float(_normalized(prediction) == wanted) if wanted else UNSCORED


def _normalized(text: str) -> str:
    text = regex.sub(r"\p{Cf}", "", unicodedata.normalize("NFKC", text)).casefold()
    text = unicodedata.normalize("NFKC", text)  # case folding can undo the normal form
    return _END.sub("", " ".join(text.split()))
