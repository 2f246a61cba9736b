"""Prompt and answer templates: which columns they need, and how a row fills them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any

from clt.data.columns import value_at

_BETWEEN = "\x1e"  # ASCII's record separator


@lru_cache
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """Fixed text and the name in braces behind it; a name may have dots, which `str.format` takes for attributes."""
    return tuple((text, name) for text, name, _, _ in Formatter().parse(template))


@lru_cache
def fields(template: str) -> tuple[str, ...]:
    """The names in braces, each once, in the template's order."""
    return tuple(dict.fromkeys(name for _, name in _parts(template) if name is not None))


def columns(templates: tuple[str, ...], renamed: Mapping[str, str]) -> dict[str, str]:
    """Our name -> the source's column, for every name that the templates use; names not in `renamed` stay."""
    return {name: renamed.get(name, name) for template in templates for name in fields(template)}


def values(row: Mapping[str, Any], needed: Mapping[str, str]) -> dict[str, str]:
    """A checked row's text by our names, for `render`; `needed` is what `columns` returned."""
    return {name: as_text(row[column] if column in row else value_at(row, column)) for name, column in needed.items()}


def render(template: str, texts: Mapping[str, str]) -> str:
    """The template with each name replaced by its text."""
    return "".join([text if name is None else text + texts[name] for text, name in _parts(template)])


def joined(templates: Sequence[str]) -> str:
    """One template for several texts of a row; `parted` gives them back."""
    return _BETWEEN.join(templates)


def parted(text: str) -> list[str]:
    """The texts of a template that was `joined`."""
    return text.split(_BETWEEN)


def as_text(value: Any) -> str:
    """Text as it is, a number as Python writes it, nothing (JSON's null) as an empty text."""
    return value if type(value) is str else "" if value is None else str(value)
