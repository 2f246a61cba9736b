"""When a training row holds a test item: nearly all of the item's word n-grams stand in the row.

Texts are compared after NFC, NFKC and case folding of each character, and dropping whatever is not a letter, mark or
number; numbers and names stay, as they are what tells two word problems of one template apart. A row holds an item if
- the texts are equal, or
- all 8-grams of an item of at least 16 words occur in the row: the item stands inside a longer text, or
- at least 80% of its distinct 8-grams do, both texts padded at both ends, so that each changed word breaks eight of
  them wherever it stands: no changed word below 33 words, one in 33 to 72, and so on.
This is PaLM's rule (Chowdhery et al. 2022, arXiv 2204.02311: 70% of 8-grams), stricter for short texts, which often
share a frame: GPT-3's rule (any 13-gram, Brown et al. 2020, arXiv 2005.14165) would drop every row of a long frame.

Scripts without spaces: 13 characters of Han and kana are an n-gram, which is about 8 words (of 1.6 characters), and 32
of Thai, Lao, Khmer and Burmese (words of 4). Only the prompt's columns are compared, without the fixed words of the
prompt's template.
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

SHARE = 0.8
SAME_TEXT, OVERLAP = "same text as a test item", "overlaps a test item"  # reasons in the manifest
WORD_GRAM, IDEOGRAPH_GRAM, SYLLABLE_GRAM = 8, 13, 32

RULE = {  # for the manifest
    "normalisation": "NFC; NFKC and casefold of each character; letters, marks and numbers only",
    "share_of_the_items_padded_ngrams": SHARE,
    "or_all_ngrams_of_items_of_two_ngrams_length": True,
    "ngram": {"words": WORD_GRAM, "han_and_kana": IDEOGRAPH_GRAM, "thai_lao_khmer_burmese": SYLLABLE_GRAM},
}

# CJK marks, kana, Han; Thai and Lao, Burmese, Khmer.
_IDEOGRAPH = re.compile("[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SYLLABLE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]")
_UNSPACED = re.compile(f"{_IDEOGRAPH.pattern}|{_SYLLABLE.pattern}")

# Words, or (scripts without spaces) one text whose characters stand for words; slices and lengths work alike.
Tokens: TypeAlias = tuple[str, ...] | str


class _Folding(dict[int, str]):
    """What each character becomes, worked out when it is first met; a space where it is no part of a word."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).casefold()
        self[code] = "".join(part if unicodedata.category(part)[0] in "LMN" else " " for part in folded)
        return self[code]


_FOLDING = _Folding()


def normalised_words(text: str) -> tuple[str, ...]:
    """The normalised words between spaces and punctuation."""
    return tuple(unicodedata.normalize("NFC", text).translate(_FOLDING).split())


def gram_length(words: tuple[str, ...]) -> int:
    """Tokens to an n-gram, by the script of most characters; above WORD_GRAM the tokens are characters."""
    text = "".join(words)
    if 2 * len(_UNSPACED.findall(text)) <= len(text):
        return WORD_GRAM
    return IDEOGRAPH_GRAM if len(_IDEOGRAPH.findall(text)) >= len(_SYLLABLE.findall(text)) else SYLLABLE_GRAM


def _tokens(words: tuple[str, ...], length: int) -> Tokens:
    return words if length == WORD_GRAM else "".join(words)


def _grams(tokens: Tokens, length: int, step: int = 1) -> dict[Tokens, None]:
    """The distinct n-grams in their order; with `step` 2 every second one, and so on."""
    return dict.fromkeys(tokens[start : start + length] for start in range(0, len(tokens) - length + 1, step))


class ItemTexts:
    """The texts of test items, ready to be found in training rows; about 250 bytes of memory a word."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole: set[tuple[str, ...]] = set()
        self._items: list[Tokens] = []
        self._found_by: dict[int, dict[Tokens, list[int]]] = {}
        for text in texts:
            item = normalised_words(text)
            if item and item not in self._whole:
                self._whole.add(item)
                self._add(item)

    def _add(self, item: tuple[str, ...]) -> None:
        length = gram_length(item)
        tokens = _tokens(item, length)
        if len(tokens) < 2 * length:
            return  # found as a whole
        found_by = self._found_by.setdefault(length, {})
        for gram in _grams(tokens, length):
            found_by.setdefault(gram, []).append(len(self._items))
        self._items.append(tokens)

    def match(self, text: str) -> str | None:
        """Why a training row with this text holds a test item; None if it does not.

        A row that holds an item has at least n - 1 of the item's n-grams on end (the changes leave such a stretch), so
        looking up every (n / 2)-th n-gram of the row finds it.
        """
        row = normalised_words(text)
        if row in self._whole:
            return SAME_TEXT
        for length, found_by in self._found_by.items():
            if length != WORD_GRAM and not _UNSPACED.search(text):
                continue
            tokens = _tokens(row, length)
            shared = found_by.keys() & _grams(tokens, length, length // 2).keys()
            if any(_holds(tokens, self._items[item], length) for gram in shared for item in found_by[gram]):
                return OVERLAP
        return None


def _holds(row: Tokens, item: Tokens, length: int) -> bool:
    if _grams(item, length).keys() <= _grams(row, length).keys():
        return True
    wanted = _grams(_padded(item, length), length).keys()
    return len(wanted & _grams(_padded(row, length), length).keys()) >= math.ceil(SHARE * len(wanted))


def _padded(tokens: Tokens, length: int) -> Tokens:
    """With so many blanks at both ends that every token stands in `length` n-grams."""
    if isinstance(tokens, str):
        return " " * (length - 1) + tokens + " " * (length - 1)
    return (" ",) * (length - 1) + tokens + (" ",) * (length - 1)
