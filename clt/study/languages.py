"""Languages by ISO 639-1 (or 639-3) code: their name and script, from the CLDR tables in langcodes."""

from functools import lru_cache

# langcodes is imported inside the functions: its tables cost 0.1 s, and not every command needs them


@lru_cache
def script(code: str) -> str:
    """The likely script of a language as an ISO 15924 code ("Latn", "Jpan", "Hans", "Arab", ...)."""
    import langcodes

    return langcodes.Language.get(code).maximize().script or "Zyyy"


def is_latin(code: str) -> bool:
    """Whether the language is usually written in Latin letters."""
    return script(code) == "Latn"


@lru_cache
def is_known(code: str) -> bool:
    """Whether the code is a registered language tag, in the form that study files use (lower case, as in "pt")."""
    import langcodes

    return code == code.lower() and langcodes.tag_is_valid(code)
