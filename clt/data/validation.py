"""What a row must be before anything is drawn from its source.

Messages name the column and what stands there by its kind: a file may not be what the study took it for, so nothing of
its content is shown.
"""

from collections.abc import Mapping
from typing import Any

from clt.data.columns import value_at
from clt.data.file_kind import safe_names
from clt.data.rows import Unreadable
from clt.data.templates import as_text, columns, fields

KINDS = {dict: "an object", list: "a list", bool: "true or false", type(None): "null", float: "a number with decimals"}


class BadRow(Exception):
    """A row that cannot be used: a reason to count it under, and a text for the user."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class RowCheck:
    """Checks rows for the columns that a prompt, an answer and an id need.

    A value has to be text, a number or null (an empty text). The columns of the answer, and those of the prompt, must
    not all be blank. `numbered` is what the ids of rows without ids begin with (see `Rows`).
    """

    def __init__(self, prompt: str, answer: str, renamed: Mapping[str, str], *, numbered: str) -> None:
        self.needed = columns((prompt, answer), renamed)
        names = {"answer": fields(answer), "prompt": fields(prompt)}
        self._parts = {part: tuple(self.needed[name] for name in names[part]) for part in names}
        self._columns = tuple(dict.fromkeys(self.needed.values()))
        self._numbered = numbered
        self._id = renamed.get("id", "id")
        # JSON-able: what it checks for
        self.identity = [prompt, answer, sorted(self.needed.items()), numbered, "" if numbered else self._id]

    def check(self, row: Any, number: int) -> tuple[str, int]:
        """The row's id, and the UTF-8 bytes of the columns in prompt and answer; BadRow if it cannot be used."""
        if type(row) is not dict:
            raise _no_row(row)
        texts, size = {}, 0
        for column in self._columns:
            value = row.get(column)
            texts[column] = text = value if type(value) is str else _other_text(row, column)
            size += len(text) if text.isascii() else len(text.encode())
        for part, names in self._parts.items():
            for column in names:
                if texts[column].strip():
                    break
            else:
                raise BadRow(f"empty {part}", f"{names[0]}: is blank, expected some text")
        return self.identify(row, number), size

    def identify(self, row: dict[str, Any], number: int) -> str:
        """The row's id: its column, or its number in a source whose rows are numbered."""
        if self._numbered:
            return f"{self._numbered}{number}"
        identifier = row.get(self._id)
        if type(identifier) is str and identifier:
            return identifier
        return _identifier(row, self._id)


def _no_row(row: Any) -> BadRow:
    if isinstance(row, Unreadable):
        return BadRow(row.reason, row.text)
    return BadRow("not an object", f"got {_kind(row)}, expected a JSON object with columns")


def _other_text(row: dict[str, Any], column: str) -> str:
    try:
        value = value_at(row, column)
    except LookupError:
        raise _missing(row, column) from None
    if value is None or (isinstance(value, int | float | str) and not isinstance(value, bool)):
        return as_text(value)
    raise BadRow("not text", f"{column}: got {_kind(value)}, expected text or a number")


def _identifier(row: dict[str, Any], column: str) -> str:
    try:
        value = value_at(row, column)
    except LookupError:
        raise _missing(row, column, " (or say `ids: row`, and the row's number is its id)") from None
    if isinstance(value, int | str) and not isinstance(value, bool) and value != "":
        return str(value)
    raise BadRow("no id", f"{column}: got {_kind(value)}, expected text or a whole number")


def _missing(row: dict[str, Any], column: str, otherwise: str = "") -> BadRow:
    present = safe_names(sorted(row)) or "no columns at all"
    chat = next((name for name in ("messages", "conversations") if isinstance(row.get(name), list)), None)
    kind = "a csv or tsv file without header needs `header: [...]`"
    if chat is not None:
        kind = f"conversations are read with `messages: {chat}`"
    return BadRow(
        "missing column",
        f"{column}: there is no such column, expected one of those in the row ({present}): correct the source's "
        f"`columns`, or the template that names it{otherwise}; {kind}",
    )


def _kind(value: Any) -> str:
    return KINDS.get(
        type(value), "an empty text" if value == "" else "a text" if isinstance(value, str) else "a number"
    )
