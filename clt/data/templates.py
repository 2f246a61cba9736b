"""Prompt and answer templates: which columns they need, and how a row fills them."""

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter
from typing import Any


@lru_cache
def fields(template: str) -> tuple[str, ...]:
    """The names in braces, each once, in the template's order."""
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name is not None))


def columns(templates: tuple[str, ...], renamed: Mapping[str, str]) -> dict[str, str]:
    """Our name -> the source's column, for every name that the templates use; names not in `renamed` stay."""
    return {name: renamed.get(name, name) for template in templates for name in fields(template)}


def values(row: Mapping[str, Any], needed: Mapping[str, str]) -> dict[str, str]:
    """A checked row's text by our names, for `str.format_map`; `needed` is what `columns` returned."""
    return {name: as_text(row[column]) for name, column in needed.items()}


def as_text(value: Any) -> str:
    """Text as it is, a number as Python writes it, nothing (JSON's null) as an empty text."""
    return value if type(value) is str else "" if value is None else str(value)
