"""Texts in CSV files that a spreadsheet must not take for formulas (OWASP: CSV injection).

A text that begins with = + - @, a tab or a carriage return gets an apostrophe in front, which spreadsheets do not show;
`read_scores` takes it off again. Numbers are no texts and stay as they are.
"""

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_START = r"'*[=+\-@\t\r]"  # apostrophes too: a text that has one of its own keeps it through writing and reading
_FORMULA = re.compile(_START)


def as_plain_text(value: Any) -> Any:
    """A value for a cell of a CSV file: a text that could run gets its apostrophe, anything else is itself."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def as_written(texts: pa.Array) -> pa.Array:
    """Texts read from such cells, without the apostrophes that `as_plain_text` gave them."""
    return pc.replace_substring_regex(texts, pattern=f"^'({_START})", replacement=r"\1")
