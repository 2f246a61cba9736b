"""What a job's process says of its end, by the message that Kubernetes keeps of a container's end (4,096 bytes)."""

import fcntl
import json
from pathlib import Path

from clt.errors import CellFailure, DataError, StoreError, StudyError, UserError
from clt.store import Unreachable

_FILE = Path("/dev/termination-log")
_BYTES = 3500  # of the text; quotes and line breaks are escaped, and what is cut off is no JSON any more
_ERRORS = {kind.__name__: kind for kind in (CellFailure, DataError, StoreError, StudyError, Unreachable, UserError)}


def write_termination_message(error: UserError) -> None:
    """Leave the error where the launcher reads it; outside of a pod nothing is written.

    Of several processes in a pod the first one's stays: errors of the others may follow from it.
    """
    if _FILE.exists():
        text = str(error).encode()[:_BYTES].decode(errors="ignore")
        kind = next(kind for kind in type(error).__mro__ if kind.__name__ in _ERRORS)
        message = {"error": kind.__name__, "text": text}
        with _FILE.open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not file.read(1):
                file.write(json.dumps(message, ensure_ascii=False))


def read_termination_message(message: str) -> UserError | None:
    """The error that a container's message tells; None if it is anything else, such as the end of a log."""
    try:
        facts = json.loads(message)
        return _ERRORS[facts["error"]](facts["text"])
    except (ValueError, KeyError, TypeError):
        return None
