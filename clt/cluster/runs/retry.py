"""Kubeflow runs a task that failed again, whatever it failed from. What trying again cannot mend fails at once then.

The memory is the state that the store keeps of the step: the error, whether it is final, and in which run it came up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clt.errors import UserError
from clt.store import Store, open_store


@contextmanager
def track_once(store: Store, key: str, run: str, **facts: Any) -> Iterator[None]:
    """Track the block's work on a key; if a final error ended it before in the same run, raise that error instead.

    Final are errors in the study, its data or the cell; a store or a cluster may be back. A new run tries again.
    """
    before = store.state(key)
    if before.state == "failed" and before.final and before.facts.get("run") == run:
        raise UserError(before.error)
    with store.track(key, run=run, **facts):
        yield


@contextmanager
def run_step(store_uri: str, run: str, step: str) -> Iterator[Store]:
    """Do a step of a whole run, such as its plan, in this block.

    Args:
        store_uri: The store's uri.
        run: The run's id.
        step: The step's name, such as "plan".

    Yields:
        The opened store.

    Raises:
        UserError: The step failed in this run before, for a reason that the user has to mend.
    """
    store = open_store(store_uri)
    with track_once(store, step_key(run, step), run, step=step):
        yield store


def run_key(run: str) -> str:
    """Where a run's note is; `run` is the id that Kubeflow gave it."""
    return f"runs/{run.lower()}"


def step_key(run: str, step: str) -> str:
    """Where the state of a step of a whole run is."""
    return f"{run_key(run)}/{step}"
