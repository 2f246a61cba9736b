"""Where a running step is: seconds by phase, and signs of life for whoever started it.

A step says `phase` and `alive`, deep inside as well, and does not know who listens: a launcher on a cluster, or nobody.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[..., None]  # called with facts by name, such as phase="loading"

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
_seconds: ContextVar[dict[str, float] | None] = ContextVar("seconds", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell the listener what steps in this block say of themselves."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def timed(**before: float) -> Iterator[dict[str, float]]:
    """Collect seconds by phase of what runs in this block, beside what a block around it has collected.

    Args:
        before: Seconds of phases that are over, such as waiting=90.0.

    Yields:
        Seconds by phase, growing while the block runs.
    """
    seconds = dict(_seconds.get() or {}) | before
    token = _seconds.set(seconds)
    try:
        yield seconds
    finally:
        _seconds.reset(token)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Count this block's time as the phase's, and say that it begins. Phases do not stand inside each other."""
    alive(phase=name)
    start = time.perf_counter()
    try:
        yield
    finally:
        if (seconds := _seconds.get()) is not None:
            seconds[name] = round(seconds.get(name, 0.0) + time.perf_counter() - start, 3)


def alive(**facts: object) -> None:
    """A sign of life, cheap enough for every batch; a step that gives none for long is taken for hanging."""
    if (listener := _listener.get()) is not None:
        listener(**facts)
