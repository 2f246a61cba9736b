"""What became of a run of the pipeline, as its back end tells: `clt status --run`, `clt cancel`, and waiting."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from clt.cli.console_tables import console
from clt.cli.endpoint import Connection, Endpoint, connected
from clt.study import format_duration

POLL_SECONDS = 10.0
RETRY_SECONDS = 600.0  # for a back end that does not answer while a run of hours goes on
FINISHED = {"succeeded", "failed", "cancelled", "skipped"}
COLORS = {"succeeded": "green", "running": "cyan", "failed": "red", "cancelled": "yellow", "cancelling": "yellow"}
# How a back end builds a task: its name says nothing to people, unless it is where the error is.
PLUMBING = ("-driver", "executor")


@dataclass(slots=True)
class RunTask:
    """All tasks of one name, such as `train` in every cell."""

    name: str
    states: Counter[str]
    errors: list[str]


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


def show_run(endpoint: Endpoint, run_id: str) -> None:
    """The run's state, duration and error, and its tasks by name."""
    with connected(endpoint) as kfp:
        run = kfp.client.get_run(run_id)
        out = console()
        for line in describe(run):
            out.print(escape(line))
        tasks = tasks_of(run)
        if tasks:
            out.print(_task_table(tasks))
        out.print(kfp.link("runs", run_id))


def cancel(endpoint: Endpoint, run_id: str) -> None:
    """Terminate a run that is not over; says what else has to end."""
    with connected(endpoint) as kfp:
        run = kfp.client.get_run(run_id)
        if outcome(run) in FINISHED:
            click.echo(f"run {run_id} is over: {outcome(run)}; nothing to cancel")
            return
        if outcome(run) != "cancelling":
            kfp.client.terminate_run(run_id)
    namespace = endpoint.namespace or "kubeflow"  # of the run's pods and jobs
    click.echo(
        f"run {run_id} ({run.display_name}) is being cancelled: its exit task deletes its jobs, then it is over\n"
        f"what is left in the cluster, if anything: clt cleanup --namespace {namespace} --run {run_id}\n"
        "complete steps stay in the store: submit the study again to go on from there"
    )


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


def tasks_of(run: Any) -> list[RunTask]:
    """The run's tasks by name, in the order in which they began; a back end's own ones only if they failed."""
    details = (run.run_details.task_details if run.run_details else None) or []
    tasks: dict[str, RunTask] = {}
    for detail in sorted(details, key=lambda detail: detail.create_time or datetime.max.replace(tzinfo=UTC)):
        state, name = outcome(detail), detail.display_name or detail.task_id
        message = detail.error.message if detail.error is not None else None
        if name.endswith(PLUMBING) and not message:
            continue
        task = tasks.setdefault(name, RunTask(name, Counter(), []))
        task.states[state] += 1
        if message and message not in task.errors:
            task.errors.append(message)
    return list(tasks.values())


def _task_table(tasks: Sequence[RunTask]) -> Table:
    table = Table("task", "states", "errors")
    for task in tasks:
        worst = next((state for state in ("failed", "cancelled", "running") if task.states[state]), "")
        states = ", ".join(f"{count} {state}" for state, count in sorted(task.states.items()))
        table.add_row(escape(task.name), states, escape("\n".join(task.errors)), style=COLORS.get(worst, ""))
    return table


def _time(run: Any, state: str) -> str:
    if run.created_at is None:
        return ""
    end = run.finished_at if state in FINISHED and run.finished_at is not None else datetime.now(UTC)
    seconds = (end - run.created_at).total_seconds()
    word = "after" if state in FINISHED else "for"
    return f" {word} {format_duration(seconds)}" if seconds >= 0 else ""  # an end in 1970 stands for none


def _was_cancelled(run: Any) -> bool:
    return any(past.state in ("CANCELING", "CANCELED") for past in run.state_history or ())
