"""Cut text of any script into the units that overlap metrics count.

Words where the script sets spaces between them (Latin, Cyrillic, Arabic, Hangul, Devanagari ...), user-perceived
characters where it does not (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan), run by run: a Latin name in a
Japanese sentence is one unit. Korean counts words between spaces: no morphological analyser decides the score, at
the price that one wrong particle is a wrong word; scores of two languages are on different scales anyway.
Dropped: punctuation, symbols, format characters, Arabic vowel marks and tatweel. Case and width are folded (NFKC).
"""

import unicodedata

import regex

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー"
_DROPPED = regex.compile(r"\p{Cf}|[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]|\u0640")
_UNIT = regex.compile(rf"(?V1)[{_UNSPACED}]\p{{M}}*|[\p{{L}}\p{{M}}\p{{N}}--[{_UNSPACED}]]+")


def text_units(text: str) -> list[str]:
    """The units of a text in their order; empty if it has no letter or digit."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _UNIT.findall(_DROPPED.sub("", text))
