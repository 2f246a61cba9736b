"""Another schedule in the place of one of the same name: a back end has no way to change one.

The new one is created paused, and its description says whose place it takes. Then the old one is paused, its runs are
waited for, the new one is enabled, the old one is deleted. Killed anywhere there are never two that fire, and none does
only from the wait on; both are there until the end, so `create` again sees what is left to do.
"""

from typing import Any

import click

from clt.cli.cron import with_seconds
from clt.cli.endpoint import Connection
from clt.cli.run_status import outcome, wait
from clt.cli.schedule_definition import (
    MAX_CONCURRENCY,
    Schedule,
    replaced,
    replacement,
    state_of,
    stored_otherwise,
)
from clt.cli.schedule_lookup import schedules, under_way
from clt.errors import UserError


def create_schedule(kfp: Connection, wanted: Schedule, *, instead_of: Any = None) -> Any:
    """The schedule as the back end has it: enabled, or paused where it is to take the place of another one."""
    enabled = instead_of is None
    created = kfp.client.create_recurring_run(
        experiment_id=kfp.experiment(wanted.experiment),
        job_name=wanted.name,
        description=wanted.description if enabled else replacement(wanted, instead_of),
        cron_expression=with_seconds(wanted.cron),
        max_concurrency=MAX_CONCURRENCY,
        no_catchup=True,
        params=wanted.parameters,
        pipeline_package_path=str(wanted.pipeline),
        enabled=enabled,
        service_account=wanted.service_account,
    )
    click.echo(f"created: {wanted.name}\n{kfp.link('recurringrun', created.recurring_run_id)}")
    stored = kfp.client.get_recurring_run(created.recurring_run_id)
    for line in stored_otherwise(stored, wanted, enabled=enabled):
        click.echo(line)
    return stored


def begin_update(kfp: Connection, old: Any, wanted: Schedule) -> Any:
    """The new schedule, paused. UserError, and it is gone again, if somebody else updates the old one at this time."""
    new = create_schedule(kfp, wanted, instead_of=old)
    ours = {old.recurring_run_id, new.recurring_run_id}
    others = {each.recurring_run_id for each in schedules(kfp) if each.display_name == wanted.name} - ours
    if others:
        kfp.client.delete_recurring_run(new.recurring_run_id)
        raise UserError(
            f"{wanted.name}: is updated by somebody else at this time ({', '.join(sorted(others))}), and nothing was "
            "changed; see `clt schedule list`, then run again"
        )
    return new


def finish_update(kfp: Connection, old: Any, new: Any, *, terminate: bool) -> None:
    """Let the new one take the old one's place, paused if the old one was when the update began."""
    name, (_, state) = new.display_name, replaced(new)
    pause_and_wait(kfp, old, terminate=terminate)
    if state == "enabled" and state_of(new) != "enabled":
        kfp.client.enable_recurring_run(new.recurring_run_id)
    kfp.client.delete_recurring_run(old.recurring_run_id)
    click.echo(
        f"{name}: updated; one run starts at once if a time passed meanwhile"
        if state == "enabled"
        else f"{name}: updated, and paused as it was; `clt schedule resume {name}` starts runs again"
    )


def pause_and_wait(kfp: Connection, recurring: Any, *, terminate: bool) -> None:
    """Start no further runs, and let those under way end (or end them)."""
    name = recurring.display_name
    kfp.client.disable_recurring_run(recurring.recurring_run_id)
    click.echo(f"{name}: paused")
    runs = under_way(kfp, recurring)
    for run in runs:
        if terminate and outcome(run) != "cancelling":
            kfp.client.terminate_run(run.run_id)
    if runs:
        ids = ", ".join(run.run_id for run in runs)
        how = "terminated" if terminate else "under way; --terminate would end it, Ctrl-C leaves the schedule paused"
        click.echo(f"{name}: waiting for the end of {ids} ({how})")
        wait(kfp, [run.run_id for run in runs], lambda run_id, state: click.echo(f"{run_id}: {state}"))
