"""A request to an endpoint, and its reply."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from clt.hashing import digest
from clt.store import Metadata

REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a model; which model, the endpoint says."""

    path: Literal["chat/completions", "completions"]
    body: dict[str, Any]  # JSON-able, without `model`
    reading: int | str = 1  # of the same question: another number or name is answered anew

    def key(self, model: str) -> str:
        """Where the reply of this model is kept: a hash of all that is asked."""
        asked = {"model": model, "path": self.path, "body": self.body, "reading": self.reading}
        return "replies/" + digest(asked)


class Reply(Metadata):
    """What came back; it is kept as a manifest's metadata, so that a reply is one small object."""

    text: str
    finish: str  # as the endpoint says: "stop", "length", ...; "refused": it will not answer this, `text` says why
    prompt_tokens: int
    completion_tokens: int
    answered_by: str = ""  # the model, as the endpoint names it


def read_reply(content: str) -> Reply | None:
    """The reply in the body of a response; None if it is not JSON or holds no answer."""
    try:
        found = json.loads(content)
        choice = found["choices"][0]
        text = choice["message"]["content"] if "message" in choice else choice["text"]
        usage = found.get("usage") or {}
        return Reply(
            text=text or "",
            finish=choice.get("finish_reason") or "",
            prompt_tokens=usage.get("prompt_tokens") or 0,
            completion_tokens=usage.get("completion_tokens") or 0,
            answered_by=found.get("model") or "",
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None
