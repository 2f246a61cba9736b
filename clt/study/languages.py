"""Fields of the study file that hold languages: each under its one code, whichever standard a study writes."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator

from clt.languages import canonical_language, canonical_or_same


def _each_once(value: Any) -> Any:
    """Two spellings of one language in one mapping: the second would silently win."""
    seen: dict[str, str] = {}
    for key in value if isinstance(value, dict) else ():
        code = canonical_or_same(key)
        if code in seen:
            raise ValueError(f"got {seen[code]!r} and {key!r}, which are one language, expected each language once")
        seen[code] = key
    return value


Value = TypeVar("Value")
Language = Annotated[str, AfterValidator(canonical_language)]  # a field that holds one
ByLanguage = Annotated[dict[Language, Value], BeforeValidator(_each_once)]
