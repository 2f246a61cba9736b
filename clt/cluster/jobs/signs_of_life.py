"""What a job's process leaves in the store while it works: how far it is, and that it moves at all.

A heartbeat of its own thread would beat on beside ranks that hang in a collective, so the note changes only with what
the work itself does: phases, batches, steps, and bytes that were read or written, as in a long download.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clt.cluster.jobs.http_retries import counted_retries
from clt.progress import listening
from clt.store import Note

_PAUSE = 15.0  # seconds between two looks at the bytes
_PIECE = 16 * 2**20  # bytes: fewer may be the heartbeat's own
_IO = Path("/proc/self/io")  # Linux


@contextmanager
def signs_of_life(note: Note) -> Iterator[None]:
    """While the block runs, each sign of it changes the note."""
    ended = threading.Event()
    signs = retries = 0

    def listen(**facts: Any) -> None:
        nonlocal signs
        signs += 1
        note(signs=signs, **facts)

    def retried() -> None:
        nonlocal retries
        retries += 1
        note(retries=retries)

    def watch() -> None:
        while not ended.wait(_PAUSE):
            note(moved_bytes=moved_bytes() // _PIECE * _PIECE)

    threading.Thread(target=watch, name="bytes that move", daemon=True).start()
    try:
        with listening(listen), counted_retries(retried):
            yield
    finally:
        ended.set()


def moved_bytes() -> int:
    """Bytes that this process has read and written since it began; 0 where the system does not say."""
    try:
        lines = (line.split(": ") for line in _IO.read_text().splitlines())
        facts = {name: int(value) for name, value in lines}
    except (OSError, ValueError):
        return 0
    return facts.get("rchar", 0) + facts.get("wchar", 0) + facts.get("read_bytes", 0)
