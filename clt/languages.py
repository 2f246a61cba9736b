"""Languages by their codes: one code each, whichever standard is written; their names and scripts (CLDR)."""

from functools import lru_cache
from typing import Any

# langcodes is imported inside the functions: its tables cost 0.1 s, and not every command needs them

NO_LANGUAGE = {"und", "mul", "mis", "zxx"}  # ISO 639 codes for none, several or any
RIGHT_TO_LEFT = {"Adlm", "Arab", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}  # scripts in use


@lru_cache
def canonical_language(code: str) -> str:
    """The one code of a language: the shortest BCP 47 tag that means the same.

    `eng`, `en-US` and `EN` are `en`; `cmn`, `zho_Hans` and `zh-CN` are `zh`; `zh-Hant` is `zh-TW`; `pt-PT` stays, as
    it is another Portuguese than `pt` (CLDR's macrolanguages and likely subtags).

    Args:
        code: ISO 639-1, 639-2 or 639-3, or a BCP 47 tag, in any case and with `-` or `_`.

    Raises:
        ValueError: It is the code of no language.
    """
    import langcodes

    if not langcodes.tag_is_valid(code):
        raise ValueError(_unknown(code))
    tag = langcodes.Language.get(langcodes.standardize_tag(code, macro=True))
    language = tag.language or ""
    if not language or language in NO_LANGUAGE or ("qaa" <= language <= "qtz" and len(language) == 3):
        raise ValueError(_unknown(code))
    likely = tag.maximize()
    for shorter in (language, f"{language}-{likely.territory}", f"{language}-{likely.script}"):
        if langcodes.Language.get(shorter).maximize() == likely:
            return shorter
    return tag.to_tag()


def _unknown(code: str) -> str:
    return f"got {code!r}, expected the code of a language: ISO 639 or BCP 47, such as 'pt', 'por' or 'pt-BR'"


def canonical_or_same(code: Any) -> Any:
    """The canonical code; what is none as it is, to be refused where it is checked."""
    try:
        return canonical_language(code)
    except (ValueError, TypeError):
        return code


@lru_cache
def is_known(code: str) -> bool:
    """Whether this is the code of a language, written in lower case but for its subtags."""
    try:
        return bool(canonical_language(code)) and code.split("-")[0].islower()
    except ValueError:
        return False


@lru_cache
def script(code: str) -> str:
    """The likely script of a language as an ISO 15924 code ("Latn", "Jpan", "Hans", "Arab", ...)."""
    import langcodes

    return langcodes.Language.get(code).maximize().script or "Zyyy"


def is_latin(code: str) -> bool:
    """Whether the language is usually written in Latin letters."""
    return script(code) == "Latn"


def is_right_to_left(code: str) -> bool:
    """Whether the language is usually written from right to left."""
    return script(code) in RIGHT_TO_LEFT


@lru_cache
def language_name(code: str) -> str:
    """The English name of a language, such as "French" or "Chinese (Taiwan)"."""
    import langcodes

    return str(langcodes.Language.get(code).display_name("en"))
