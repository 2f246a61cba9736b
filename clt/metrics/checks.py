"""Checks of an answer's form that hold in any script, in the manner of IFEval (Zhou et al. 2023, arXiv 2311.07911).

Each is a function of the text and of the arguments that a row gives. Words are `text_units`: characters where the
script sets no spaces. Texts are compared in their folded form.
"""

import json
import math
from collections.abc import Callable

import regex

from clt.metrics.answers import TextAnswer
from clt.metrics.folding import folded
from clt.metrics.language_fidelity import language_fidelity
from clt.metrics.text_units import text_units

_BULLET = regex.compile(r"^\s*(?:[-*+•・‣◦]|\p{Nd}{1,3}[.)、．：]|[(（]\p{Nd}{1,3}[)）])\s*\S", regex.MULTILINE)
_HEADING = regex.compile(r"^#{1,6}\s+\S", regex.MULTILINE)
_HIGHLIGHT = regex.compile(r"\*\*[^*\n]+\*\*|(?<!\*)\*[^*\s][^*\n]*\*(?!\*)")
_PLACEHOLDER = regex.compile(r"\[[^\[\]\n]+\]|［[^［］\n]+］")
_COMMA = regex.compile("[,،、，､߸]")
_QUOTED = regex.compile(r"""\s*["'“”„«»‘’「『].*["'“”„«»‘’」』]\s*""", regex.DOTALL)
_FENCE = regex.compile(r"\s*```\w*\n(.*)\n```\s*", regex.DOTALL)


def words(answer: TextAnswer, at_least: int = 0, at_most: float = math.inf) -> bool:
    """The number of words."""
    return at_least <= len(text_units(answer.text)) <= at_most


def characters(answer: TextAnswer, at_least: int = 0, at_most: float = math.inf) -> bool:
    """The number of characters as a reader sees them, without white space."""
    return at_least <= len(regex.findall(r"(?!\s)\X", answer.text)) <= at_most


def lines(answer: TextAnswer, at_least: int = 0, at_most: float = math.inf) -> bool:
    """The number of lines that are not empty."""
    return at_least <= sum(bool(line.strip()) for line in answer.text.splitlines()) <= at_most


def paragraphs(answer: TextAnswer, at_least: int = 0, at_most: float = math.inf) -> bool:
    """The number of paragraphs, between empty lines."""
    return at_least <= len([part for part in regex.split(r"\n\s*\n", answer.text) if part.strip()]) <= at_most


def list_items(answer: TextAnswer, at_least: int = 1, at_most: float = math.inf) -> bool:
    """The number of lines that begin with a bullet or with a number of any script."""
    return at_least <= len(_BULLET.findall(answer.text)) <= at_most


def headings(answer: TextAnswer, at_least: int = 1, at_most: float = math.inf) -> bool:
    """The number of Markdown headings."""
    return at_least <= len(_HEADING.findall(answer.text)) <= at_most


def highlights(answer: TextAnswer, at_least: int = 1, at_most: float = math.inf) -> bool:
    """The number of parts in *one* or **two** asterisks."""
    return at_least <= len(_HIGHLIGHT.findall(answer.text)) <= at_most


def placeholders(answer: TextAnswer, at_least: int = 1, at_most: float = math.inf) -> bool:
    """The number of parts in [square brackets]."""
    return at_least <= len(_PLACEHOLDER.findall(answer.text)) <= at_most


def contains(answer: TextAnswer, text: str, at_least: int = 1, at_most: float = math.inf) -> bool:
    """How often a text occurs; at_most: 0 forbids it."""
    wanted = folded(text, answer.language)
    return at_least <= folded(answer.text, answer.language).count(wanted) <= at_most


def starts_with(answer: TextAnswer, text: str) -> bool:
    """What the answer begins with."""
    return folded(answer.text, answer.language).lstrip().startswith(folded(text, answer.language))


def ends_with(answer: TextAnswer, text: str) -> bool:
    """What the answer ends with."""
    return folded(answer.text, answer.language).rstrip().endswith(folded(text, answer.language))


def no_comma(answer: TextAnswer) -> bool:
    """No comma of any script."""
    return not _COMMA.search(answer.text)


def quoted(answer: TextAnswer) -> bool:
    """The whole stands in quotation marks."""
    return _QUOTED.fullmatch(answer.text) is not None


def is_json(answer: TextAnswer) -> bool:
    """The whole is a JSON document, with or without a code fence."""
    fenced = _FENCE.fullmatch(answer.text)
    try:
        json.loads(fenced[1] if fenced else answer.text)
    except (ValueError, RecursionError):
        return False
    return True


def in_language(answer: TextAnswer) -> bool:
    """In the item's language, or at least not clearly in another one (language_fidelity)."""
    assert language_fidelity.score is not None
    return language_fidelity.score(answer) != 0


CHECKS: dict[str, Callable[..., bool]] = {
    "words": words,
    "characters": characters,
    "lines": lines,
    "paragraphs": paragraphs,
    "list_items": list_items,
    "headings": headings,
    "highlights": highlights,
    "placeholders": placeholders,
    "contains": contains,
    "starts_with": starts_with,
    "ends_with": ends_with,
    "no_comma": no_comma,
    "quoted": quoted,
    "json": is_json,
    "in_language": in_language,
}
