"""Work on several languages at once, where there is so much that starting processes pays."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def parallel_map(function: Callable[..., Result], calls: Sequence[tuple[Any, ...]]) -> list[Result]:
    """`function` of each call's arguments, in order, in as many new processes as there are CPUs.

    The function has to be one that a new process can import; starting one takes about a second. With one CPU, and in a
    process that may have no children (a daemonic worker), the work is done here.
    """
    workers = min(len(calls), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if workers < 2 or multiprocessing.current_process().daemon:
        return [function(*call) for call in calls]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(function, *call) for call in calls]
        try:
            return [future.result() for future in futures]
        finally:
            pool.shutdown(cancel_futures=True)
