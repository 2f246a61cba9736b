"""Which number of a text is its answer."""

import regex

from clt.metrics.answer_phrases import (
    answer_word,
    backward_pattern,
    han_statement_pattern,
    head_of_steps,
    link_to_number,
    next_question,
    result_word,
    time_unit_before_amount,
)
from clt.metrics.numerals import CURRENCIES, HAN_LANGUAGES, number_pattern, numbers
from clt.metrics.plain_maths import plain_maths

_BOXED = regex.compile(r"\\(?:boxed|fbox)\s*(?:(\{)|(?=\d))", regex.REVERSE)
_LONGEST_BOX = 300  # characters
_MARK = regex.compile(r"####(?:[^\w\n]|\\boxed\{){0,12}?(?=[-−–]?\p{Sc}?[.,٫]?\d)")
# What makes of "#### 1. Count" with lines below it, or of "#### 1단계", the heading of a step.
_HEADING = regex.compile(r"[.)、:]\s*\p{L}[^\n]*\n\s*\S|\s?(?:단계|번|st\b|nd\b|rd\b|th\b|[ºª°])")
_CURRENCY = rf"(?:(?:{'|'.join(CURRENCIES)})\.?)?\s?\p{{Sc}}?\s?"
_NUMBER = rf"[(*_]{{0,3}}[-−–]?{_CURRENCY}[*_]{{0,2}}\d(?:[\d.,٫٬/]*\d)?[)*_]{{0,3}}(?:\s?[\p{{L}}\p{{M}}\p{{Sc}}%]+)?"
_TERM = rf"{_NUMBER}(?:\s*[-+−–*·×÷/x]\s*{_NUMBER})*"
_EQUATION = regex.compile(rf"{_TERM}(?:\s*[=≈]\s*{_TERM})+")


def stated_answer(text: str, language: str, *, question_label: str = "", answer_prefix: str = "") -> str | None:
    """The number that a text answers with, in plain characters; None if it holds none.

    A run-on into a next question is cut off, and a head such as "Step-by-Step Answer:" announces nothing. Then it is
    the first of these that there is:

    1. The number after GSM8K's mark `####`. A heading of Markdown is none: its number follows words ("#### Step 1") or
       is a step's ("#### 1. Count").
    2. The number in the last \\boxed{}; what follows it does not count.
    3. The number after the last announcement ("The answer is", "答案是", the task's prefix) in any language that
       `clt.metrics.answer_phrases` knows; of an equation (4 × 9 = 36) its end, and of "1 day" the amount after it.
    4. The number after a word for a result, where no further equation follows.
    5. The number that is called the answer after it ("48 is the answer").
    6. The last number of the text.

    Args:
        text: What the model wrote.
        language: The item's canonical code; decides about separators.
        question_label: What the task sets before a question, as a further head of a next one.
        answer_prefix: What the task sets before an answer, as a further announcement.
    """
    text = plain_maths(text)
    text = head_of_steps().sub("", text[: next_question(text, question_label)])
    language = language.partition("-")[0]
    for rule in (_marked, _boxed):
        if (found := rule(text, language)) is not None:
            return found
    found = _announced(text, language, answer_prefix)
    return last_number(text, language) if found is None else found


def last_number(text: str, language: str) -> str | None:
    """The last number of a text of `plain_maths`."""
    found = [number.group() for number in numbers(text, language)]
    return found[-1] if found else None


def _marked(text: str, language: str) -> str | None:
    for mark in _MARK.finditer(text) if "####" in text else ():
        number = number_pattern(language).search(text, mark.end())
        if number and not _HEADING.match(text, number.end()):
            return _end_of_equation(text, number)
    return None


def _boxed(text: str, language: str) -> str | None:
    for box in _BOXED.finditer(text) if "box" in text else ():
        content = text[box.end() : box.end() + _LONGEST_BOX]
        content = content[: _closing_brace(content)] if box[1] else content.partition(" ")[0]
        if found := next(iter(numbers(content, language)), None):
            return _end_of_equation(content, found)
    return None


def _closing_brace(text: str) -> int | None:
    """Where the brace is closed that was opened before the text; None if it is not."""
    depth = 1
    for place, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return place
    return None


def _announced(text: str, language: str, answer_prefix: str) -> str | None:
    place, answer, words = -1, None, False
    for word in answer_word(answer_prefix).finditer(text):
        words = True
        link = link_to_number().match(text, word.end())
        if link and (number := number_pattern(language).search(text, link.end())):
            if time := time_unit_before_amount().match(text, number.start()):
                number = number.re.search(text, time.end()) or number
            place, answer = word.start(), _end_of_equation(text, number)
            break
    if words and language in HAN_LANGUAGES:
        for announcement in han_statement_pattern().finditer(text):
            if announcement.start() > place:
                place, answer = announcement.start(), announcement[1]
    if answer is None:
        answer = _result(text, language)
    if words and answer is None:
        for number in numbers(text, language):
            if backward_pattern().match(text, number.end()):
                answer = number.group()
    return answer


def _result(text: str, language: str) -> str | None:
    """The number after the last word for a result, where no further equation follows."""
    for word in result_word().finditer(text):
        link = link_to_number().match(text, word.end())
        if link and (number := number_pattern(language).search(text, link.end())):
            equation = _EQUATION.match(text, number.start())
            rest = text[equation.end() if equation else number.end() :]
            return None if "=" in rest else _end_of_equation(text, number)
    return None


def _end_of_equation(text: str, number: "regex.Match[str]") -> str:
    """The last side of an equation that begins with this number, where that is one number; else this number."""
    equation = _EQUATION.match(text, number.start())
    if equation is None:
        return number.group()
    side = regex.split("[=≈]", equation.group())[-1].strip()
    last = number.re.search(side)
    return last.group() if last and not regex.search(r"\d", side[last.end() :]) else number.group()
