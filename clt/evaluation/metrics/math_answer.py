"""Whether the final number of the prediction is the final number of the reference (0 or 1).

The final number is the first one after the first `####` (GSM8K's mark), or the last one of a text without that mark.
Equal means equal as exact fractions: 3.50 = 3.5 = 7/2; 50% is 50.
Unreadable answer: 0; a prediction without a number, or whose number has more than 40 digits, is the model's fault.
Empty reference, or one without a number: NaN, unscored; it is the data's fault. Missing language: an empty code is
read as a language with decimal commas; pass "en" for the English convention. Tokenizer: none, there is no version of
it; `clt.evaluation.numerals` reads the numbers. Number separators: by language, as its docstring states rule
by rule; the prediction and the reference are both read in the item's language.
"""

from collections.abc import Sequence

from clt.evaluation.item_metric import UNSCORED, ItemMetric
from clt.evaluation.numerals import final_number


class MathAnswer(ItemMetric):
    def score_items(
        self, predictions: Sequence[str], references: Sequence[str], languages: Sequence[str]
    ) -> list[float]:
        return [_score(*item) for item in zip(predictions, references, languages, strict=True)]


def _score(prediction: str, reference: str, language: str) -> float:
    wanted = final_number(reference, language)
    if wanted is None:
        return UNSCORED
    return float(final_number(prediction, language) == wanted)
