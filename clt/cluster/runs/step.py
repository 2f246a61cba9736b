"""One step of a run, its plan or the training of a cell: how it went is told in the store, where people read it.

Kubeflow would run a failed task again whatever it failed from, minutes later, and never one whose pod was evicted. So
its own retries are off: what may pass is tried again here, in the same process, and what the user has to mend is not.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from clt.errors import CellFailure, DataError, StudyError, UserError
from clt.store import Metadata, Store, open_store

RETRIES = "CLT_RETRIES"  # the environment variable that says how often a step is tried again
DEFAULT_RETRIES = 2
PAUSE_SECONDS = 30.0  # before the second try; doubled before each further one
FINAL = (StudyError, DataError, CellFailure)  # trying again changes nothing; a store or a cluster may be back

T = TypeVar("T")


class StepOutcome(Metadata):
    """The metadata of a step that is done: `runs/RUN/STEP`, or `runs/RUN/cells/CELL/STEP`."""

    seconds: float  # of the try that succeeded


def run_step(store_uri: str, run: str, step: str, work: Callable[[Store], T], *, cell: str = "") -> T:
    """Do a step of a run; others see in the store that it runs, that it is done and how long it took, or its error.

    Args:
        store_uri: The store's uri.
        run: The run's id.
        step: The step's name, such as "plan" or "train".
        work: Does it, in the opened store; called again after an error that may pass.
        cell: The key of the cell whose step it is; empty for a step of the whole run.

    Returns:
        What `work` returned.

    Raises:
        UserError: The step's own error: at once if the user has to mend something, else that of the last try.
    """
    retries = _retries()
    for pause in (*(PAUSE_SECONDS * 2**index for index in range(retries)), None):
        try:
            store = open_store(store_uri)
            with _told(store, step_key(run, step, cell)):
                return work(store)
        except FINAL:
            raise
        except Exception as error:
            if pause is None:
                raise
            print(f"{step}: {type(error).__name__}: {error}\n{step}: tried again in {pause:.0f} s", flush=True)
            time.sleep(pause)
    raise AssertionError("the last try has returned or raised")


def run_key(run: str) -> str:
    """Where a run's note is; `run` is the id that Kubeflow gave it."""
    return f"runs/{run.lower()}"


def step_key(run: str, step: str, cell: str = "") -> str:
    """Where the state of a step is, and its outcome when it is done."""
    return f"{run_key(run)}/cells/{cell}/{step}" if cell else f"{run_key(run)}/{step}"


@contextmanager
def _told(store: Store, key: str) -> Iterator[None]:
    began = time.monotonic()
    with store.track(key) as note:
        try:
            yield
        finally:
            note(seconds=time.monotonic() - began)
    with store.writer(key) as attempt:
        StepOutcome(seconds=time.monotonic() - began).write(attempt)


def _retries() -> int:
    text = os.environ.get(RETRIES, str(DEFAULT_RETRIES))
    if not text.isdecimal():
        raise UserError(f"{RETRIES}: got {text!r}, expected a whole number, as `clt compile --retries N` sets it")
    return int(text)
