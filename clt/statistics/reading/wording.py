"""How the facts about answers are said, on the page and in the terminal alike."""

from collections.abc import Iterator, Mapping

from clt.languages import language_name
from clt.statistics.reading.answers import AnsweredItem, LanguageAnswers
from clt.statistics.rendering.formatting import many, percent, words

RATES = {  # field of AnswerRates -> what it counts
    "no_answer": "no answer",
    "wrong_language": "wrong language",
    "hit_limit": "hit the limit",
    "truncated": "prompt cut",
    "lost_examples": "examples lost",
}
OF_PROMPTS = ("truncated", "lost_examples")


def scores_line(scores: Mapping[str, float | None]) -> str:
    """Such as "math answer 0, language fidelity 1"."""
    return ", ".join(f"{words(name)} {_score(value)}" for name, value in scores.items())


def rates_line(answers: LanguageAnswers) -> str:
    """The rates of a language in a line; where no texts are written, those of prompts alone."""
    rates, has_texts = answers.rates, any(item.answer is not None for item in answers.shown)
    if rates is None:
        return ""
    said = [field for field in RATES if has_texts or field in OF_PROMPTS]
    shares = [f"{RATES[field]} {percent(getattr(rates, field) / rates.items)}" for field in said]
    return f"Of {many(rates.items, 'answer')}: {', '.join(shares)}"


def shown_line(answers: LanguageAnswers) -> str:
    """How many of the items are shown."""
    shown = len(answers.shown)
    return many(shown, "item") if shown == answers.items else f"{shown} of {many(answers.items, 'item')}"


def bits_of(item: AnsweredItem, choice: int) -> str:
    """What the model needs for a choice, such as "12.3 bits"; empty where it was not asked."""
    bits = item.bits[choice] if item.bits else None
    return "" if bits is None else f"{bits:.1f} bits"


def title(answers: LanguageAnswers) -> str:
    """Task and language, such as "math, Arabic (ar)"."""
    return f"{words(answers.task)}, {language_name(answers.language)} ({answers.language})"


def item_line(item: AnsweredItem, answers: LanguageAnswers) -> str:
    """Its scores, why the answer ended and what its prompt lost, as far as they are known."""
    return "; ".join((scores_line(item.scores), *_ending(item, len(answers.examples))))


def _ending(item: AnsweredItem, examples: int) -> Iterator[str]:
    if item.tokens is not None:
        why = "cut off at the limit" if item.finish == "length" else "ended by itself"
        yield f"{why} after {many(item.tokens, 'token')}"
    if item.truncated:
        yield "its prompt lost its beginning"
    if item.examples is not None and item.examples < examples:
        yield f"its prompt has {item.examples} of {many(examples, 'example')}"


def _score(value: float | None) -> str:
    return "unscored" if value is None else f"{value:.3g}"
