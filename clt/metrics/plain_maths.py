"""Bring mathematical text, LaTeX and typography of any script to plain characters, in which numbers are read.

Digits of every script become ASCII (٧٠, ७०, full-width); narrow and no-break spaces become plain ones. Format
characters such as bidirectional marks are dropped, and superscripts and subscripts (cm², CO₂). LaTeX's fractions become
1/2, its separators (6{,}400, 1\\,250) plain ones, its texts what they hold; \\boxed stays, further commands become
spaces. GSM8K's calculations <<9*2=18>> are dropped before their result.
"""

import sys
import unicodedata
from functools import cache

import regex

# Full-width ， and ． are punctuation of the sentence unless they stand between full-width digits.
_LONE_FULL_WIDTH = regex.compile("(?<![０-９])[，．]|[，．](?![０-９])")
# Between digits the Arabic comma groups thousands, as ٬ does, or is a decimal point, as ٫ is.
_ARABIC_COMMA = regex.compile(r"(?<=\d)،(?=\d{3}(?!\d))")
_ARABIC_POINT = regex.compile(r"(?<=(?<!،)(?<!\d)\d[\d٬]*)،(?=\d{1,2}(?![\d،]))")
_CALCULATION = regex.compile(r"<<[^<>\n]*>>(?=\s?\p{Sc}?\d)")  # GSM8K's 9*2=<<9*2=18>>18
_LATEX = tuple(
    (regex.compile(pattern), by)
    for pattern, by in (
        (r"\{([.,])\}", r"\1"),
        (r"(?<=\d)\\[,;: !](?=\d{3})", " "),
        (r"\\([$%#&_])", r"\1"),
        (r"\\(?:text\w*|math\w+|mbox|operatorname)\s*\{([^{}]*)\}", r"\1"),
        (r"\\(?:times|cdot)\b", "×"),
        (r"\\(?:div)\b", "÷"),
        (r"(?<=\d)\s*\^\{?\\circ\}?", " "),
        (r"(?<=\d)\s*(?=\\[dtc]?frac)", " "),
        (r"\\[dtc]?frac\s*(\d)\s*(\d)", r"\1/\2"),
        (r"\\[dtc]?frac\s*\{\s*([^{}]*?)\s*\}\s*\{\s*([^{}]*?)\s*\}", r"\1/\2"),
        (r"\\(?!boxed|fbox)(?:[A-Za-z]+|.)", " "),
    )
)
_EXPONENT = regex.compile(r"(?<=[\p{L}})])\^(?:\d|\{\d+\})|(?<=\p{L})_(?:\d+|\{\w+\})")
_SQUARE = regex.compile(r"(?<=\d ?(?:[سك]?م|(?:ตร\.?|[ซกม])?ม\.?))[23](?!\d)")  # units that numerals takes for no words


def plain_maths(text: str) -> str:
    """The text in plain characters, for patterns of numbers and of words."""
    if not text.isascii():
        text = _LONE_FULL_WIDTH.sub(";", text).translate(_characters())
        text = unicodedata.normalize("NFKC", text).translate(_characters())
        if "،" in text:
            text = _ARABIC_POINT.sub("٫", _ARABIC_COMMA.sub("٬", text))
    if "<<" in text:
        text = _CALCULATION.sub("", text)
    if "\\" in text or "{" in text:
        for pattern, by in _LATEX:
            text = pattern.sub(by, text)
    if "^" in text or "_" in text:
        text = _EXPONENT.sub("", text)
    return _SQUARE.sub("", text)


@cache
def _characters() -> dict[int, str | None]:
    """What becomes of single characters; a fraction gets a space before it, as it may follow a whole number."""
    table: dict[int, str | None] = {}
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if character.isascii():
            continue
        form = unicodedata.decomposition(character)
        if character.isdecimal():
            table[code] = str(unicodedata.decimal(character))
        elif unicodedata.category(character) == "Cf" or form.startswith(("<super>", "<sub>")):
            table[code] = None
        elif form.startswith("<fraction>"):
            table[code] = f" {character}"
    return table
