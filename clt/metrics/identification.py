"""Which of the languages of a script a text is in, by py3langid: its model is in the package and needs no network."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from clt.languages import script

SHORT, LONG = 25, 2000  # characters; what follows in a longer text is not looked at
WRONG_IF_TIMES_AS_LIKELY = (4, 16)  # of a text, and of a short one; what is likelier by less is unclear
# The languages that models answer in by mistake, by script. Near relatives (gl of pt, ms of id) are no rivals: short
# texts cannot tell them apart.
RIVALS = {
    "Latn": ("en", "es", "fr", "de", "it", "pt", "nl", "pl", "tr", "vi", "id", "sw", "sv", "ro", "fi", "hu", "tl"),
    "Cyrl": ("ru", "uk", "bg"),
    "Arab": ("ar", "fa", "ur"),
    "Deva": ("hi", "mr", "ne"),
    "Beng": ("bn", "as"),
}
LABELS = {"fil": "tl", "nb": "no", "gn": "gug", "ki": "kik", "bik": "bcl"}  # our code -> py3langid's, where they differ


def has_rivals(language: str) -> bool:
    """Whether other languages of its script have to be told from it."""
    return script(language) in RIVALS


def is_likely(text: str, language: str) -> bool | None:
    """Whether the language is the likeliest of its script; None if that is unclear, or py3langid does not know it.

    Args:
        text: Prose of some words.
        language: A canonical code for which has_rivals holds.
    """
    wanted = _label(language)
    likelihoods = _likelihoods(text[:LONG], RIVALS[script(language)], wanted)
    if likelihoods is None:
        return None
    times = max(likelihoods.values()) / likelihoods[wanted]
    clearly = WRONG_IF_TIMES_AS_LIKELY[len(text) < SHORT]
    return True if times <= 1 else False if times > clearly else None


def _label(code: str) -> str:
    language = code.partition("-")[0]
    return LABELS.get(language, language)


@lru_cache(maxsize=1 << 14)
def _likelihoods(text: str, rivals: Sequence[str], wanted: str) -> dict[str, float] | None:
    """The likelihoods of the rivals and of the wanted language, which sum to 1."""
    identifier = _identifier(frozenset((*rivals, wanted)))
    return dict(identifier.rank(text)) if identifier else None


@cache
def _identifier(languages: frozenset[str]) -> Any | None:
    """py3langid's model, held to some languages; None if it does not know one of them."""
    from copy import copy

    everything = _model()
    if not languages <= set(everything.labels):
        return None
    identifier = copy(everything)
    identifier.set_languages(languages)
    return identifier


@cache
def _model() -> Any:
    """py3langid's model of all its languages (0.7 s to unpack, once a process)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
