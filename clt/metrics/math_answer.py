"""Answers of mathematics tasks: is it the right number?"""

from clt.metrics.answers import TextAnswer
from clt.metrics.metric import UNSCORED, metric
from clt.metrics.numerals import read_number
from clt.metrics.plain_maths import plain_maths
from clt.metrics.stated_answer import last_number, stated_answer


def _stated(answer: TextAnswer) -> str | None:
    return stated_answer(
        answer.text, answer.language, question_label=answer.question_label, answer_prefix=answer.answer_prefix
    )


def _last(answer: TextAnswer) -> str | None:
    return last_number(plain_maths(answer.text), answer.language)


@metric(version=2, reads=_stated)
def math_answer(answer: TextAnswer) -> float:
    """Whether the number that the text states as its answer is the reference's (0 or 1).

    Which number that is: `clt.metrics.stated_answer`, rule by rule. Equal means equal as exact fractions: 3.50 = 3.5 =
    7/2; 50% is 50.
    Unreadable answer: 0; a text without a number, or whose number has more than 40 digits, is the model's fault.
    Empty reference, or one without a number: NaN, unscored; it is the data's fault. Missing language: an empty code is
    read as a language with decimal commas; pass "en" for the English convention. Tokenizer: none, there is no version
    of it; `clt.metrics.numerals` reads the numbers. Number separators: by language, as its docstring states rule by
    rule; the text and the reference are both read in the item's language.
    """
    return _score(answer, _stated(answer))


@metric(reads=_last)
def math_answer_last(answer: TextAnswer) -> float:
    """Whether the last number of the text is the reference's (0 or 1).

    For comparisons with lm-eval, whose flexible-extract takes the last number of GSM8K's and MGSM's answers; here it is
    read in any script and by the language's separators, as math_answer reads it.
    Unreadable answer, empty reference, missing language, tokenizer, number separators: as for math_answer.
    """
    return _score(answer, _last(answer))


def _score(answer: TextAnswer, found: str | None) -> float:
    reference = stated_answer(answer.reference, answer.language)
    wanted = None if reference is None else read_number(reference, answer.language)
    if wanted is None:
        return UNSCORED
    return float(found is not None and read_number(found, answer.language) == wanted)
