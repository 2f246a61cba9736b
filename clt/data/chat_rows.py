"""Rows that are conversations: their last turn is the answer, all before it the prompt.

Two forms are read: `{"role": "user", "content": "..."}` and `{"from": "human", "value": "..."}`. The rule for the
prompt: the text of a single user turn stands as it is; of several turns each begins with `User: ` or `Assistant: `; a
system turn comes first, as it is; blank lines stand between. No chat template of a model is used.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clt.data.columns import value_at
from clt.data.rows import Rows, Unreadable
from clt.hashing import digest

ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant", "chatbot": "assistant",
}  # fmt: skip
LABELS = {"user": "User: ", "assistant": "Assistant: "}


class ChatRows:
    """Rows with two more columns, `prompt` and `answer`, made of the turns in one of theirs."""

    def __init__(self, rows: Rows, column: str) -> None:
        self.name = rows.name
        self.numbered = rows.numbered
        self._rows, self._column = rows, column

    @property
    def size(self) -> int:
        return self._rows.size

    @property
    def columns(self) -> list[str]:
        return [*self._rows.columns, "prompt", "answer"]

    def checksum(self) -> str:
        return digest({"rows": self._rows.checksum(), "messages": self._column})

    def scan(self) -> Iterator[tuple[int, int, Any]]:
        for position, number, row in self._rows.scan():
            yield position, number, self._with_texts(row) if isinstance(row, dict) else row

    def read(self, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        return map(self._with_texts, self._rows.read(positions))

    def location(self, line: int) -> str:
        return self._rows.location(line)

    def _with_texts(self, row: dict[str, Any]) -> Any:
        try:
            prompt, answer = prompt_and_answer(value_at(row, self._column))
        except LookupError:
            return Unreadable("no messages", f"{self._column}: there is no such column; correct `messages`")
        except ValueError as error:
            return Unreadable("not a conversation", f"{self._column}: {error}")
        return row | {"prompt": prompt, "answer": answer}


def prompt_and_answer(messages: Any) -> tuple[str, str]:
    """The text before the last turn, and the last turn, which has to be the assistant's.

    Raises:
        ValueError: It is no such conversation; the text says what is wrong with it, and none of its words.
    """
    if not isinstance(messages, list) or not messages:
        raise ValueError("expected a list of turns with `role` and `content`, or with `from` and `value`")
    turns = [_turn(message, place) for place, message in enumerate(messages, start=1)]
    *before, (last, answer) = turns
    if last != "assistant":
        raise ValueError(f"the last turn is the {last}'s, expected the assistant's")
    if not any(role == "user" for role, _ in before):
        raise ValueError("there is no turn of the user before the last one, expected one")
    spoken = [(role, text) for role, text in before if role != "system"]
    labelled = [text if len(spoken) == 1 else LABELS[role] + text for role, text in spoken]
    return "\n\n".join([*(text for role, text in before if role == "system"), *labelled]), answer


def _turn(message: Any, place: int) -> tuple[str, str]:
    if not isinstance(message, Mapping):
        raise ValueError(f"turn {place} is no object, expected `role` and `content`, or `from` and `value`")
    role = ROLES.get(str(message.get("role", message.get("from"))).lower())
    if role is None:
        raise ValueError(f"turn {place} has a role other than {', '.join(ROLES)}")
    content = message.get("content", message.get("value"))
    if isinstance(content, list) and all(isinstance(part, Mapping) and part.get("type") == "text" for part in content):
        content = "".join(str(part.get("text", "")) for part in content)
    if not isinstance(content, str):
        raise ValueError(f"turn {place} has no text")
    return role, content
