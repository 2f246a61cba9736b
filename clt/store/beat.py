"""A sign of life, given again and again while something is held."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beating(beat: Callable[[], bool], seconds: float, name: str) -> Iterator[None]:
    """Call `beat` every so many seconds while the block runs, until it says False: then it is not ours any more."""
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(seconds) and beat():
            pass

    thread = threading.Thread(target=go_on, name=f"heartbeat of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=seconds)  # longer only while the store is away
