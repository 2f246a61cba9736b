"""Cut text of any script into the units that overlap metrics count.

Words where the script sets spaces between them (Latin, Cyrillic, Arabic, Hangul, Devanagari ...), user-perceived
characters where it does not (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan), run by run: a Latin name in a
Japanese sentence is one unit. Korean counts words between spaces: no morphological analyser decides the score, at
the price that one wrong particle is a wrong word; scores of two languages are on different scales anyway.
Texts are folded (clt.metrics.folding); punctuation and symbols are dropped, ½ among them.
"""

import regex

from clt.metrics.folding import folded

_FRACTION = regex.compile("[¼-¾⅐-⅟↉]")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー"
_UNIT = regex.compile(rf"(?V1)[{_UNSPACED}]\p{{M}}*|[\p{{L}}\p{{M}}\p{{N}}--[{_UNSPACED}]]+")


def text_units(text: str, language: str = "") -> list[str]:
    """The units of a text in their order; empty if it has no letter or digit."""
    return _UNIT.findall(folded(_FRACTION.sub(" ", text), language))
