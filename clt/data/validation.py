"""What a row must be before anything is drawn from its source."""

from collections.abc import Mapping
from typing import Any

from clt.data.jsonl_rows import NotJson
from clt.data.templates import as_text, columns, fields

SHOWN_CHARACTERS = 60


class BadRow(Exception):
    """A row that cannot be used: a reason to count it under, and a text for the user."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class RowCheck:
    """Checks rows for the columns that a prompt, an answer and an id need.

    A value has to be text, a number or null (an empty text). The columns of the answer, and those of the prompt, must
    not all be blank.
    """

    def __init__(self, prompt: str, answer: str, renamed: Mapping[str, str], *, numbered: bool) -> None:
        self.needed = columns((prompt, answer), renamed)
        self._prompt = tuple(self.needed[name] for name in fields(prompt))
        self._answer = tuple(self.needed[name] for name in fields(answer))
        self._columns = tuple(dict.fromkeys(self.needed.values()))
        self._id = None if numbered else renamed.get("id", "id")
        self.identity = [prompt, answer, sorted(self.needed.items()), self._id]  # JSON-able: what it checks for

    def check(self, row: Any, number: int) -> tuple[str, int]:
        """The row's id, and the UTF-8 bytes of the columns in prompt and answer; BadRow if it cannot be used."""
        if type(row) is not dict:
            raise _not_an_object(row)
        size = 0
        for column in self._columns:
            value = row.get(column)
            if type(value) is not str:
                value = _other_text(row, column)
            size += len(value) if value.isascii() else len(value.encode())
        for kind, names in (("answer", self._answer), ("prompt", self._prompt)):
            if not any(map(str.strip, [as_text(row[name]) for name in names])):
                raise BadRow(f"empty {kind}", f"{names[0]}: got {_shown(row[names[0]])}, expected some text")
        return self.identify(row, number), size

    def identify(self, row: dict[str, Any], number: int) -> str:
        """The row's id: its column, or its number in a source whose rows are numbered."""
        if self._id is None:
            return f"row-{number}"
        identifier = row.get(self._id)
        if type(identifier) is str and identifier:
            return identifier
        return _identifier(row, self._id)


def _not_an_object(row: Any) -> BadRow:
    if isinstance(row, NotJson):
        return BadRow("not JSON", f"got {_shown(row.text)} ({row.reason}), expected one JSON object a line")
    return BadRow("not an object", f"got {_shown(row)}, expected a JSON object with columns")


def _other_text(row: dict[str, Any], column: str) -> str:
    value = row.get(column)
    if column not in row:
        raise _missing(row, column)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return as_text(value)
    raise BadRow("not text", f"{column}: got {_shown(value)}, expected text or a number")


def _identifier(row: dict[str, Any], column: str) -> str:
    value = row.get(column)
    if column not in row:
        raise _missing(row, column, " (or say `ids: row`, and the row's number is its id)")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadRow("no id", f"{column}: got {_shown(value)}, expected text or a whole number")


def _missing(row: dict[str, Any], column: str, otherwise: str = "") -> BadRow:
    present = ", ".join(sorted(row)) or "no columns at all"
    return BadRow(
        "missing column",
        f"{column}: there is no such column, expected one of those in the row ({present}): "
        f"correct the source's `columns`, or the template that names it{otherwise}",
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."
