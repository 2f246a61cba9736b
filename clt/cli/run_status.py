"""What became of a run of the pipeline, as its back end tells, and waiting for its end."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from clt.cli.endpoint import Connection
from clt.study import format_duration

POLL_SECONDS = 10.0
RETRY_SECONDS = 600.0  # for a back end that does not answer while a run of hours goes on
FINISHED = {"succeeded", "failed", "cancelled", "skipped"}


def outcome(run: Any) -> str:
    """A run's (or task's) state in one word.

    None is pending: seen for a moment between PENDING and RUNNING. A cancelled run ends as FAILED; its history has
    CANCELING.
    """
    state = run.state or "PENDING"
    if state == "CANCELED" or (state == "FAILED" and _was_cancelled(run)):
        return "cancelled"
    names = {"RUNTIME_STATE_UNSPECIFIED": "pending", "CANCELING": "cancelling"}
    return names.get(state, str(state).lower())


def wait(
    kfp: Connection, run_ids: Sequence[str], changed: Callable[[str, str], None] = lambda run_id, state: None
) -> dict[str, str]:
    """Wait until all these runs are over; returns their outcomes. `changed` is told every new state.

    A back end that does not answer for a while is asked again.
    """
    states = dict.fromkeys(run_ids, "")
    while True:
        for run_id in run_ids:
            if states[run_id] in FINISHED:
                continue
            state = outcome(_get_run(kfp, run_id))
            if state != states[run_id]:
                changed(run_id, state)
            states[run_id] = state
        if set(states.values()) <= FINISHED:
            return states
        time.sleep(POLL_SECONDS)


def _get_run(kfp: Connection, run_id: str) -> Any:
    from kfp_server_api import ApiException
    from urllib3.exceptions import HTTPError

    end = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return kfp.client.get_run(run_id)
        except (ApiException, HTTPError) as error:
            refused = isinstance(error, ApiException) and error.status is not None and 0 < error.status < 500
            if refused or time.monotonic() > end:
                raise
        time.sleep(POLL_SECONDS)


def describe(run: Any) -> Iterable[str]:
    """Lines about the run as a whole."""
    state = outcome(run)
    yield f"{run.display_name or run.run_id}: {state}{_time(run, state)}"
    if run.description:
        yield run.description
    if run.error is not None and run.error.message:
        yield f"error: {run.error.message}"


def _time(run: Any, state: str) -> str:
    if run.created_at is None:
        return ""
    end = run.finished_at if state in FINISHED and run.finished_at is not None else datetime.now(UTC)
    seconds = (end - run.created_at).total_seconds()
    word = "after" if state in FINISHED else "for"
    return f" {word} {format_duration(seconds)}" if seconds >= 0 else ""  # an end in 1970 stands for none


def _was_cancelled(run: Any) -> bool:
    return any(past.state in ("CANCELING", "CANCELED") for past in run.state_history or ())
