"""Which recurring runs of a back end are schedules of ours, which one a name means, and the runs that one has made."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from clt.cli.endpoint import Connection
from clt.cli.run_status import FINISHED, outcome
from clt.cli.schedule_definition import MADE_BY, replaced, state_of
from clt.errors import UserError

RUN_NOW = "started by clt schedule run-now of "  # and the schedule's id: a back end may not keep whose run it is


def schedules(kfp: Connection) -> Sequence[Any]:
    """All that `clt schedule` made, in the order in which they were created."""
    return [recurring for recurring in kfp.recurring_runs() if is_ours(recurring)]


def is_ours(recurring: Any) -> bool:
    """Whether `clt schedule` made it."""
    return (recurring.description or "").startswith(MADE_BY)


def find_schedule(kfp: Connection, name: str) -> Any:
    """The schedule of this name or id. UserError if there is none, or several have the name."""
    known = schedules(kfp)
    for recurring in known:
        if recurring.recurring_run_id == name:
            return recurring
    matching = [recurring for recurring in known if recurring.display_name == name]
    if len(matching) > 1:
        raise UserError(several(matching))
    if not matching:
        names = ", ".join(recurring.display_name for recurring in known) or "there is none"
        raise UserError(f"got {name!r}, expected a schedule: {names}")
    return matching[0]


def unfinished_update(matching: Sequence[Any]) -> tuple[Any, Any] | None:
    """Of two schedules of one name the old and the new one, if the new one was made to take the old one's place."""
    if len(matching) != 2:
        return None
    for old, new in (matching, reversed(matching)):
        if replaced(new)[0] == old.recurring_run_id:
            return old, new
    return None


def several(matching: Sequence[Any]) -> str:
    """What is wrong where several have one name, and the next step."""
    ids = ", ".join(f"{recurring.recurring_run_id} ({state_of(recurring)})" for recurring in matching)
    step = (
        "an update was interrupted, finish it with the same `clt schedule create` again"
        if unfinished_update(matching)
        else "keep one: `clt schedule delete ID` takes the id in place of the name"
    )
    return f"{len(matching)} schedules have the name {matching[0].display_name!r}: {ids}; {step}"


def with_one_name(found: Iterable[Any]) -> Iterator[list[Any]]:
    """Those that have a name in common with others."""
    known = list(found)
    for name, count in Counter(recurring.display_name for recurring in known).items():
        if count > 1:
            yield [recurring for recurring in known if recurring.display_name == name]


def runs_of(kfp: Connection, recurring: Any) -> Iterator[Any]:
    """Newest first, those of `run-now` too."""
    identity = recurring.recurring_run_id
    by_hand = RUN_NOW + identity
    return (
        run
        for run in kfp.runs(recurring.experiment_id)
        if run.recurring_run_id == identity or run.description == by_hand
    )


def under_way(kfp: Connection, recurring: Any) -> list[Any]:
    """Its runs that are not over."""
    return [run for run in runs_of(kfp, recurring) if outcome(run) not in FINISHED]
