"""`clt schedule`: a study again and again, as recurring runs that a back end starts by the clock.

A schedule is known by its name.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import click
from rich.table import Table

from clt.cli.console_tables import console
from clt.cli.cron import five_fields, next_times, utc, with_seconds
from clt.cli.endpoint import Connection, Endpoint, connected
from clt.cli.run_status import FINISHED, outcome, wait
from clt.cli.schedule_definition import MADE_BY, MAX_CONCURRENCY, Schedule, differences, state_of, stored_otherwise
from clt.errors import UserError

SHOWN_RUNS = 3


def create(endpoint: Endpoint, wanted: Schedule, *, replace: bool, terminate: bool) -> None:
    """Create the schedule, enabled; one that is the same already stays, and another one of its name is refused.

    With `replace` the other one is deleted first, as `delete` does it.
    """
    with connected(endpoint) as kfp:
        existing = next((run for run in kfp.recurring_runs() if run.display_name == wanted.name), None)
        if existing is not None:
            unlike = differences(existing, wanted)
            if not unlike:
                click.echo(f"{wanted.name} exists already and is the same: {state_of(existing)}")
                click.echo(kfp.link("recurringrun", existing.recurring_run_id))
                return
            if not replace:
                raise UserError(
                    f"a recurring run with the name {wanted.name!r} exists and is another one:\n{unlike}\n"
                    "take another name, or replace it with --replace, which deletes it first"
                )
        wanted.study.upload(wanted.store)
        experiment_id = kfp.experiment(wanted.experiment)
        if existing is not None:  # last, when all else that may fail has not
            _delete(kfp, existing, terminate=terminate)
        created = kfp.client.create_recurring_run(
            experiment_id=experiment_id,
            job_name=wanted.name,
            description=wanted.description,
            cron_expression=with_seconds(wanted.cron),
            max_concurrency=MAX_CONCURRENCY,
            no_catchup=True,
            params=wanted.parameters,
            pipeline_package_path=str(wanted.pipeline),
            enabled=True,
            service_account=wanted.service_account,
        )
        click.echo(f"created: {wanted.name}\n{kfp.link('recurringrun', created.recurring_run_id)}")
        for line in stored_otherwise(kfp.client.get_recurring_run(created.recurring_run_id), wanted):
            click.echo(line)


def show(endpoint: Endpoint) -> None:
    """A table of all schedules that `create` made, with their next times and last runs."""
    with connected(endpoint) as kfp:
        schedules = _made_here(kfp)
        if not schedules:
            click.echo("no schedule")
            return
        table = Table("schedule", "cron (UTC)", "state", "next", "last runs")
        for recurring in schedules:
            cron = recurring.trigger.cron_schedule.cron
            times = next_times(cron) if state_of(recurring) == "enabled" else []
            last = [run for _, run in zip(range(SHOWN_RUNS), _runs_of(kfp, recurring), strict=False)]
            table.add_row(
                recurring.display_name,
                five_fields(cron),
                state_of(recurring),
                "\n".join(utc(time) for time in times) or "-",
                "\n".join(f"{utc(run.created_at)} {outcome(run)} {run.run_id}" for run in last) or "-",
            )
        console().print(table)


def pause(endpoint: Endpoint, name: str) -> None:
    """Start no further runs."""
    with connected(endpoint) as kfp:
        recurring = _find(kfp, name)
        kfp.client.disable_recurring_run(recurring.recurring_run_id)
        click.echo(f"{name}: paused; a run that is under way goes on")


def resume(endpoint: Endpoint, name: str) -> None:
    """Start runs again."""
    with connected(endpoint) as kfp:
        recurring = _find(kfp, name)
        if state_of(recurring) == "enabled":
            click.echo(f"{name}: is not paused")
            return
        click.echo("the back end starts one run at once if a time passed while it was paused, then by the clock:")
        echo_times(recurring.trigger.cron_schedule.cron)
        kfp.client.enable_recurring_run(recurring.recurring_run_id)
        click.echo(f"{name}: resumed")


def delete(endpoint: Endpoint, name: str, *, terminate: bool) -> None:
    """Pause the schedule, let its runs end (or end them), then delete it.

    Deleting kills the pods of runs that are under way, and Kubeflow shows them as running for ever.
    """
    with connected(endpoint) as kfp:
        _delete(kfp, _find(kfp, name), terminate=terminate)


def echo_times(cron: str) -> None:
    """Print the next times of an expression."""
    times = ", ".join(utc(time) for time in next_times(cron))
    click.echo(f"next times of '{five_fields(cron)}': {times or 'only the back end knows'}")


def _delete(kfp: Connection, recurring: Any, *, terminate: bool) -> None:
    name = recurring.display_name
    kfp.client.disable_recurring_run(recurring.recurring_run_id)
    click.echo(f"{name}: paused")
    under_way = [run for run in _runs_of(kfp, recurring) if outcome(run) not in FINISHED]
    for run in under_way:
        if terminate and outcome(run) != "cancelling":
            kfp.client.terminate_run(run.run_id)
    if under_way:
        ids = ", ".join(run.run_id for run in under_way)
        how = "terminated" if terminate else "under way; --terminate would end it, Ctrl-C leaves the schedule paused"
        click.echo(f"{name}: waiting for the end of {ids} ({how})")
        wait(kfp, [run.run_id for run in under_way], lambda run_id, state: click.echo(f"{run_id}: {state}"))
    kfp.client.delete_recurring_run(recurring.recurring_run_id)
    click.echo(f"{name}: deleted; its runs are over, what they computed stays in the store")


def _find(kfp: Connection, name: str) -> Any:
    schedules = _made_here(kfp)
    matching = [recurring for recurring in schedules if recurring.display_name == name]
    if len(matching) > 1:
        ids = ", ".join(recurring.recurring_run_id for recurring in matching)
        raise UserError(
            f"{len(matching)} schedules have the name {name!r} ({ids}); delete all but one in Kubeflow's UI"
        )
    if not matching:
        known = ", ".join(recurring.display_name for recurring in schedules) or "there is none"
        raise UserError(f"got {name!r}, expected a schedule: {known}")
    return matching[0]


def _made_here(kfp: Connection) -> Sequence[Any]:
    return [recurring for recurring in kfp.recurring_runs() if (recurring.description or "").startswith(MADE_BY)]


def _runs_of(kfp: Connection, recurring: Any) -> Iterator[Any]:
    """Newest first."""
    return (run for run in kfp.runs(recurring.experiment_id) if run.recurring_run_id == recurring.recurring_run_id)
