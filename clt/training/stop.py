"""SIGTERM: the cluster wants its node back. A training saves its state and ends, and loses none of its steps."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

EXIT_STATUS = 128 + signal.SIGTERM


class StopRequest:
    """Whether this process was asked to end."""

    def __init__(self) -> None:
        self.came = False

    def note(self, number: int, frame: FrameType | None) -> None:
        self.came = True


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """While the block runs, SIGTERM is noted instead of obeyed; only a main thread can."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = signal.signal(signal.SIGTERM, request.note)
    try:
        yield request
    finally:
        signal.signal(signal.SIGTERM, before)
