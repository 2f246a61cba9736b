"""`clt schedule`: a study again and again, as recurring runs that a back end starts by the clock.

A schedule is known by its name, and where two have one name, by its id.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table

from clt.cli.console_tables import console
from clt.cli.cron import five_fields, next_times, utc
from clt.cli.endpoint import Connection, Endpoint, connected
from clt.cli.run_status import outcome
from clt.cli.schedule_definition import Schedule, differences, state_of
from clt.cli.schedule_lookup import (
    RUN_NOW,
    find_schedule,
    is_ours,
    runs_of,
    schedules,
    several,
    under_way,
    unfinished_update,
    with_one_name,
)
from clt.cli.schedule_update import begin_update, create_schedule, finish_update, pause_and_wait
from clt.errors import UserError

SHOWN_RUNS = 3


def create(endpoint: Endpoint, wanted: Schedule, *, agree: Callable[[str], None], terminate: bool) -> None:
    """Create the schedule, or update the one of its name; one that is the same already stays.

    Args:
        endpoint: The back end's.
        wanted: What it is to be.
        agree: Is told what is going to be done ("create", "update") before it is, and raises if it should not be.
        terminate: End a run of the old schedule that is under way, instead of waiting for it.
    """
    with connected(endpoint) as kfp:
        named = _named(kfp, wanted.name)
        interrupted = unfinished_update(named)
        latest: Any = interrupted[1] if interrupted else next(iter(named), None)
        unlike = differences(latest, wanted) if latest else ""
        if latest and not unlike and not interrupted:
            click.echo(f"{wanted.name} exists already and is the same: {state_of(latest)}")
            click.echo(kfp.link("recurringrun", latest.recurring_run_id))
            return
        if interrupted:
            click.echo(f"an update of {wanted.name} was interrupted, and is finished first")
        if unlike:
            click.echo(f"{wanted.name} exists and is another one:\n{unlike}")
        for line in wanted.cautions:
            click.echo(line)
        agree("update" if latest else "create")
        wanted.study.upload(wanted.store)
        if interrupted:
            finish_update(kfp, *interrupted, terminate=terminate)
            latest = kfp.client.get_recurring_run(latest.recurring_run_id)  # its state is another one now
        if unlike:
            finish_update(kfp, latest, begin_update(kfp, latest, wanted), terminate=terminate)
        if latest is None:
            create_schedule(kfp, wanted)
            find_schedule(kfp, wanted.name)  # raises if somebody else has created one at the same time


def show(endpoint: Endpoint) -> None:
    """A table of all schedules that `create` made, with their next times and last runs."""
    with connected(endpoint) as kfp:
        known = schedules(kfp)
        if not known:
            click.echo("no schedule")
            return
        table = Table("schedule", "cron (UTC)", "state", "next", "last runs")
        for recurring in known:
            cron = recurring.trigger.cron_schedule.cron
            times = next_times(cron) if state_of(recurring) == "enabled" else []
            last = [run for _, run in zip(range(SHOWN_RUNS), runs_of(kfp, recurring), strict=False)]
            table.add_row(
                recurring.display_name,
                five_fields(cron),
                state_of(recurring),
                "\n".join(utc(time) for time in times) or "-",
                "\n".join(f"{utc(run.created_at)} {outcome(run)} {run.run_id}" for run in last) or "-",
            )
        console().print(table)
        for matching in with_one_name(known):
            click.echo(several(matching))


def run_now(endpoint: Endpoint, name: str) -> None:
    """One run at once, of what the schedule runs by the clock. UserError while another one is under way."""
    from kfp_server_api import V2beta1Run

    with connected(endpoint) as kfp:
        recurring = kfp.client.get_recurring_run(find_schedule(kfp, name).recurring_run_id)
        for run in under_way(kfp, recurring):
            raise UserError(
                f"{name}: run {run.run_id} is under way ({outcome(run)}), expected none: a baseline's runs do not "
                f"overlap; wait for it, or end it with `clt cancel {run.run_id}`"
            )
        run = kfp.client.runs.run_service_create_run(
            run=V2beta1Run(
                experiment_id=recurring.experiment_id,
                # a back end starts no second run of a schedule under one name, so two in one second are one
                display_name=f"{recurring.display_name} by hand {datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
                description=RUN_NOW + recurring.recurring_run_id,
                pipeline_spec=recurring.pipeline_spec,
                pipeline_version_reference=recurring.pipeline_version_reference,
                runtime_config=recurring.runtime_config,
                service_account=recurring.service_account,
                recurring_run_id=recurring.recurring_run_id,
            )
        )
        click.echo(f"{name}: started\n  run {run.run_id}  {kfp.link('runs', run.run_id)}")
        if state_of(recurring) == "enabled":
            echo_times(recurring.trigger.cron_schedule.cron)


def pause(endpoint: Endpoint, name: str) -> None:
    """Start no further runs."""
    with connected(endpoint) as kfp:
        recurring = find_schedule(kfp, name)
        kfp.client.disable_recurring_run(recurring.recurring_run_id)
        click.echo(f"{name}: paused; a run that is under way goes on")


def resume(endpoint: Endpoint, name: str) -> None:
    """Start runs again."""
    with connected(endpoint) as kfp:
        recurring = find_schedule(kfp, name)
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
        recurring = find_schedule(kfp, name)
        pause_and_wait(kfp, recurring, terminate=terminate)
        kfp.client.delete_recurring_run(recurring.recurring_run_id)
        click.echo(f"{name}: deleted; its runs are over, what they computed stays in the store")


def echo_times(cron: str) -> None:
    """Print the next times of an expression."""
    times = ", ".join(utc(time) for time in next_times(cron))
    click.echo(f"next times of '{five_fields(cron)}': {times or 'only the back end knows'}")


def _named(kfp: Connection, name: str) -> list[Any]:
    """Those of this name: none, one, or the two of an update that was interrupted. UserError for anything else."""
    named = [recurring for recurring in kfp.recurring_runs() if recurring.display_name == name]
    for recurring in named:
        if not is_ours(recurring):
            raise UserError(
                f"a recurring run with the name {name!r} exists ({recurring.recurring_run_id}) and was not made by clt "
                "schedule; take another name, or delete it in Kubeflow's UI once its runs are over"
            )
    if len(named) > 1 and not unfinished_update(named):
        raise UserError(several(named))
    return named
