"""Small JSON objects of a store, as anybody may have left them: an object, or an error that names the place."""

import json
from typing import Any

from clt.errors import StoreError


def parse_json(text: bytes | str, place: str, step: str) -> dict[str, Any]:
    """The object in a text.

    Args:
        text: What was read.
        place: Where from.
        step: What the user can do if it is damaged.

    Raises:
        StoreError: It is not JSON, or not an object.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{place}: damaged ({error}), expected a JSON object; {step}") from error
    if not isinstance(content, dict):
        raise StoreError(f"{place}: damaged (got {type(content).__name__}), expected a JSON object; {step}")
    return content
