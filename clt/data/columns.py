"""A column of a row by its name, or by its path in a nested one."""

from collections.abc import Mapping
from typing import Any


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """The value of a column: `question`, or of a nested one `data.question.0`, whose parts are names and places.

    Raises LookupError where there is none. A column whose own name has dots goes before a path.
    """
    if path in row:
        return row[path]
    value: Any = row
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value[part]
        elif isinstance(value, list | tuple) and part.isdecimal():
            value = value[int(part)]
        else:
            raise LookupError(path)
    return value
