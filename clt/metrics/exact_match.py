"""Equality of texts."""

import regex

from clt.metrics.answers import TextAnswer
from clt.metrics.folding import folded
from clt.metrics.metric import UNSCORED, metric

_OPTION = regex.compile(r"(?<!\S)-+\p{L}\S*")
_EMPTY = regex.compile(r"[\s\p{Terminal_Punctuation}]*")
_TOUCHED = r"[\p{L}\p{M}\p{N}[\p{P}--\p{Terminal_Punctuation}]]"  # not $?, which is a variable
_END = regex.compile(rf"(?V1)(?<={_TOUCHED})\p{{Terminal_Punctuation}}+\Z|\s[^\P{{Terminal_Punctuation}}.,;]+\Z")
_PAIRS = ("```", "**", "__", "`", "*", "_", '""', "''", "“”", "„“", "‘’", "«»", "「」", "『』", "《》", "〈〉")


@metric(version=2)
def exact_match(answer: TextAnswer) -> float:
    """Whether text and reference are the same but for case, width, outer punctuation and white space (0 or 1).

    For texts; commands and code are `command_match`'s. Both are folded (`clt.metrics.folding`: Unicode, case, digits,
    vowel points), but options such as -L keep their case. White space is squeezed to one space. At the ends are cut
    off: white space; ¡ and ¿; terminal punctuation of any script (. ! ? 。 ، ؟ । ...), but a dot, comma or semicolon
    only where it touches what stands before it (`git add .` ends with an argument); and quotation marks, backticks, *
    or _ in pairs.
    Unreadable answer: an empty text is 0. Empty reference: NaN, unscored, also if it is only terminal punctuation.
    Missing language: the i of Turkish is that of other languages. Tokenizer: none. Number separators: not understood,
    1,000 and 1000 differ (math_answer reads them).
    """
    wanted = _normalized(answer.reference, answer.language)
    return float(_normalized(answer.text, answer.language) == wanted) if wanted else UNSCORED


def _normalized(text: str, language: str) -> str:
    text = " ".join(text.split())
    options = iter(_OPTION.findall(text))
    text = _OPTION.sub(lambda _: next(options), folded(text, language)) if "-" in text else folded(text, language)
    text = " ".join(text.split())
    before = None
    while text != before:
        before, text = text, _unwrapped(_END.sub("", text.lstrip(" ¡¿")))
    return "" if _EMPTY.fullmatch(text) else text


def _unwrapped(text: str) -> str:
    """Without one pair of marks around the whole."""
    for pair in _PAIRS:
        opening, closing = (pair, pair) if len(set(pair)) == 1 and pair[0] not in "\"'" else (pair[0], pair[-1])
        inner = text[len(opening) : -len(closing)]
        if text == f"{opening}{inner}{closing}" and inner and opening not in inner and closing not in inner:
            return inner.strip()
    return text
