"""Whether the prediction is in the language that the item asks for (0 or 1).

First by script: at least half of its letters must be of a script that the language is written in (a Latin name in a
Japanese sentence is no fault). Kana tell Japanese from Chinese; text in Chinese characters only is right where at least
nine in ten belong to the language's own character set (JIS X 0208; GB 2312 or Big5). Then, among the languages of the
call that share the script (and English, the usual wrong answer), py3langid 0.4 decides: its model is in the package and
needs no network. A prediction is wrong if another language is more than twice as likely: `No` is right in en, es, pt.
Over first sentences, commands and questions of real data sets it agrees with the true language in 99 % of texts.
Blind spots: a language outside the call (German for Spanish) counts as the nearest one inside; single words are weak
evidence. So pass the languages of a study in one call, not one by one.

Unreadable answer: an empty prediction is 0; one without letters (a number) is in no language: NaN, unscored. Empty
reference: not used. Missing language: one without a script in langcodes' tables, or that py3langid does not know while
another of its script is in the call, is NaN, unscored. Tokenizer: none. Number separators: not used.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import regex

from clt.evaluation.item_metric import UNSCORED, ItemMetric
from clt.study import script

WRONG_IF_TIMES_AS_LIKELY = 2
KANA_SHARE = 0.1  # of the letters; a Chinese text may quote a の
OWN_SHARE = 0.9  # of the Chinese characters in the language's own character set
SHORT_HAN = 4  # characters; below, the identifier takes nearly all for Chinese
SCRIPTS = {"Jpan": ("Han", "Hira", "Kana"), "Hans": ("Han",), "Hant": ("Han",), "Kore": ("Hang",)}
LABELS = {"fil": "tl", "nb": "no", "gn": "gug", "ki": "kik", "bik": "bcl"}  # our code -> py3langid's, where they differ
CHARACTER_SETS = {"ja": ("shift_jis",), "zh": ("gb2312", "big5")}


class LanguageFidelity(ItemMetric):
    def score_items(
        self, predictions: Sequence[str], references: Sequence[str], languages: Sequence[str]
    ) -> list[float]:
        candidates = ("en", *sorted({*languages} - {"en"}))
        return [_score(text, code, candidates) for text, code in zip(predictions, languages, strict=True)]


def _score(text: str, wanted: str, candidates: tuple[str, ...]) -> float:
    if not text.strip():
        return 0.0
    letters = regex.findall(r"[\p{L}--[\p{Common}\p{Inherited}]]", text, flags=regex.V1)
    own = _own_letters(script(wanted))
    if not letters or own is None:
        return UNSCORED
    if 2 * sum(own.match(letter) is not None for letter in letters) < len(letters):
        return 0.0
    if (language := wanted.split("-")[0]) in CHARACTER_SETS:
        return _score_han(text, letters, language)
    return _score_by_likelihood(text, wanted, tuple(code for code in candidates if script(code) == script(wanted)))


@cache
def _own_letters(code: str) -> Any | None:
    """A pattern of the letters of an ISO 15924 script; None if it names no script."""
    try:
        return regex.compile("[" + "".join(rf"\p{{Script={name}}}" for name in SCRIPTS.get(code, (code,))) + "]")
    except regex.error:
        return None


def _score_han(text: str, letters: list[str], wanted: str) -> float:
    """Japanese or Chinese?"""
    kana = sum(regex.match(r"[\p{Hiragana}\p{Katakana}]", letter) is not None for letter in letters)
    if kana:
        return float((kana >= KANA_SHARE * len(letters)) == (wanted == "ja"))
    other = "zh" if wanted == "ja" else "ja"
    han = [letter for letter in letters if regex.match(r"\p{Han}", letter)]
    if not _writes(wanted, han) or not _writes(other, han) or len(han) <= SHORT_HAN:
        return float(_writes(wanted, han))
    return _score_by_likelihood(text, wanted, ("ja", "zh"))


def _writes(language: str, characters: list[str]) -> bool:
    return any(
        sum(_in_set(character, name) for character in characters) >= OWN_SHARE * len(characters)
        for name in CHARACTER_SETS[language]
    )


@lru_cache(maxsize=1 << 14)
def _in_set(character: str, name: str) -> bool:
    try:
        return bool(character.encode(name))
    except UnicodeEncodeError:
        return False


def _score_by_likelihood(text: str, wanted: str, rivals: tuple[str, ...]) -> float:
    """Whether no rival is clearly likelier than the wanted language, which is one of them."""
    if len(rivals) == 1:
        return 1.0
    identifier, labels = _identifier()
    known = {_label(code) for code in rivals} & labels
    wanted = _label(wanted)
    if wanted not in known:
        return UNSCORED
    identifier.set_languages(known)
    likelihoods = dict(identifier.rank(text))
    return float(likelihoods[wanted] * WRONG_IF_TIMES_AS_LIKELY >= max(likelihoods.values()))


def _label(code: str) -> str:
    language = code.split("-")[0]
    return LABELS.get(language, language)


@cache
def _identifier() -> tuple[Any, frozenset[str]]:
    """py3langid's model and all languages that it knows (0.7 s to unpack, once a process)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return identifier, frozenset(identifier.labels)
