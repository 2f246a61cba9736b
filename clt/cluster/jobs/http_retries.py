"""Requests that had to be repeated: urllib3, under the clients of store, hub and cluster, logs a warning for each."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counted_retries(tell: Callable[[], object]) -> Iterator[None]:
    """Call `tell` for every repetition while the block runs."""
    logger, handler = logging.getLogger("urllib3.connectionpool"), _Retries(tell)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Retries(logging.Handler):
    def __init__(self, tell: Callable[[], object]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith("Retrying"):
            self._tell()
