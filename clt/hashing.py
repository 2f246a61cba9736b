"""One way to turn a description into a key: SHA-256 over canonical JSON."""

import hashlib
import json
from typing import Any


def digest(value: Any) -> str:
    """The SHA-256 (hex) of a JSON-able value; the order of its mappings does not matter."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def short_hash(value: Any) -> str:
    """The first 8 hexadecimal digits of the digest, for names that people read."""
    return digest(value)[:8]
