"""Japanese or Chinese, of texts that are written in Chinese characters and kana."""

from functools import lru_cache

import regex

KANA_SHARE = 0.1  # of the letters; a Chinese text may quote a の
OWN_SHARE = 0.9  # of the Chinese characters in the language's own character set
GRAMMAR_SHARE = 1 / 8  # of the characters: grammar of Chinese, which Japanese writes in kana or does not have
CHARACTER_SETS = {"ja": ("shift_jis",), "zh": ("gb2312", "big5")}

_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}ー]")
_HAN = regex.compile(r"\p{Han}")
# Words and characters that are never or hardly part of a Japanese compound; the second group is, now and then.
_CHINESE = regex.compile(
    "[你您她们們这這吗嗎呢吧啊哦很没沒还還么麼怎哪谁给跟让]|[今明昨]天|可以|一[个個]|知道|已[经經]|因[为為]|所以|但是"
)
_OFTEN_CHINESE = regex.compile("[我他它是的了也就都不把被那和在有与與去吃喝说說]")
_JAPANESE = regex.compile("[々〆]|[日月火水木金土]曜|[0-9０-９〇一二三四五六七八九十百千万]+円")


def is_written_as(language: str, text: str) -> bool:
    """Whether a text in Chinese characters and kana can be of this language.

    Kana decide for Japanese. Without them it can be each language in whose character set (JIS X 0208; GB 2312 or Big5)
    nine in ten characters are, unless words of the other one stand in it: dates and titles can be of both.

    Args:
        language: "ja" or "zh".
        text: Prose with at least one letter of these scripts.
    """
    characters, kana = _HAN.findall(text), len(_KANA.findall(text))
    if kana:
        return (kana >= KANA_SHARE * (kana + len(characters))) == (language == "ja")
    if not _is_in_set_of(language, characters):
        return False
    if language == "zh":
        return _JAPANESE.search(text) is None or not _is_in_set_of("ja", characters)
    grammar = len(_OFTEN_CHINESE.findall(text))
    return _CHINESE.search(text) is None and (grammar < 2 or grammar < GRAMMAR_SHARE * len(characters))


def _is_in_set_of(language: str, characters: list[str]) -> bool:
    return any(
        sum(_is_in_set(character, name) for character in characters) >= OWN_SHARE * len(characters)
        for name in CHARACTER_SETS[language]
    )


@lru_cache(maxsize=1 << 14)
def _is_in_set(character: str, name: str) -> bool:
    try:
        return bool(character.encode(name))
    except UnicodeEncodeError:
        return False
