"""What counts as the same text: differences of coding, case and width that readers do not see, in any script.

- Unicode NFKC and case folding: full-width and ASCII letters agree, STRASSE and Straße. In Turkish and Azerbaijani İ is
  the capital of i and I that of ı.
- Decimal digits of every script are ASCII digits: ४२ is 42.
- Format characters (bidirectional marks, joiners), Arabic vowel marks and tatweel, and Hebrew points are dropped.
- Thai and Lao sara am agree in both codings, and on either side of a tone mark.
"""

import sys
import unicodedata
from functools import cache

import regex

_DOTTED = ("tr", "az")
_SARA_AM = regex.compile("([\u0e4d\u0ecd])([\u0e48-\u0e4b\u0ec8-\u0ecb])")
_POINTS = r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
_DROPPED = regex.compile(rf"[\p{{Cf}}{_POINTS}]")


def folded(text: str, language: str = "") -> str:
    """The text in its folded form; white space and punctuation stay.

    Args:
        text: Any text.
        language: Its canonical code, for the two letters i of Turkish and Azerbaijani.
    """
    if language.partition("-")[0] in _DOTTED:
        text = text.replace("İ", "i").replace("I", "ı")
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = text.translate(_digits()).replace("i\u0307", "i")
    return _SARA_AM.sub(r"\2\1", _DROPPED.sub("", text))


@cache
def _digits() -> dict[int, str]:
    """The decimal digits of all scripts."""
    characters = map(chr, range(128, sys.maxunicode + 1))
    return {ord(digit): str(unicodedata.decimal(digit)) for digit in characters if digit.isdecimal()}
