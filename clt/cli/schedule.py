"""`clt schedule`: a study again and again, as recurring runs that a back end starts by the clock.

A schedule is known by its name. What it was made from stands in its description, because a back end gives a pipeline
back in other words than it was given. As `repeat` every run takes its own id, so that the same cells really run again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from clt.cli.console_tables import console
from clt.cli.cron import five_fields, next_times, utc, with_seconds
from clt.cli.endpoint import Connection, Endpoint, connected
from clt.cli.pipeline_file import read_pipeline
from clt.cli.remote_study import RemoteStudy, read_remote_study, remote_store
from clt.cli.run_status import FINISHED, outcome, wait
from clt.cli.submit import COMPILE
from clt.cluster import ALL_CELLS, EVERY_RUN, MAX_CELLS, REPEAT, SHARD, STORE, STUDY
from clt.errors import UserError

MADE_BY = "made by clt schedule"
SHOWN_RUNS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A schedule to be created."""

    name: str
    cron: str  # five fields
    study: RemoteStudy
    store: str
    pipeline: Path
    experiment: str
    service_account: str

    @property
    def parameters(self) -> dict[str, str]:
        return {STUDY: self.study.argument(self.store), STORE: self.store, SHARD: ALL_CELLS, REPEAT: EVERY_RUN}

    @property
    def description(self) -> str:
        """What it is made from, a line each; equal descriptions mean equal schedules."""
        facts = {
            "cron": self.cron,
            "study": str(self.study),
            "store": self.store,
            "pipeline": f"sha256 {read_pipeline(self.pipeline).checksum[:12]}",
            "experiment": self.experiment,
            "service account": self.service_account,
        }
        return "\n".join([MADE_BY, *(f"{name}: {value}" for name, value in facts.items())])


def read_schedule(
    name: str, cron: str, path: str, store: str, *, pipeline: Path, experiment: str | None, service_account: str
) -> Schedule:
    """A schedule whose parts are all checked. Raises UserError."""
    with_seconds(cron)
    study = read_remote_study(path)
    if len(study.shards) > 1:
        raise UserError(
            f"{path}: the study has {study.cells} cells, expected at most {MAX_CELLS} in a schedule, which is one run; "
            "make a smaller study of it, such as one n and one seed: a baseline needs no whole grid"
        )
    schedule = Schedule(
        name=name,
        cron=" ".join(cron.split()),
        study=study,
        store=remote_store(store),
        pipeline=pipeline,
        experiment=experiment or study.name,
        service_account=service_account,
    )
    read_pipeline(pipeline).require_parameters(schedule.parameters, COMPILE)
    return schedule


def create(endpoint: Endpoint, wanted: Schedule, *, replace: bool, terminate: bool) -> None:
    """Create the schedule, enabled; one that is the same already stays, and another one of its name is refused.

    With `replace` the other one is deleted first, as `delete` does it.
    """
    with connected(endpoint) as kfp:
        existing = next((run for run in kfp.recurring_runs() if run.display_name == wanted.name), None)
        if existing is not None:
            differences = _differences(existing, wanted)
            if not differences:
                click.echo(f"{wanted.name} exists already and is the same: {_state(existing)}")
                click.echo(kfp.link("recurringrun", existing.recurring_run_id))
                return
            if not replace:
                raise UserError(
                    f"a recurring run with the name {wanted.name!r} exists and is another one:\n{differences}\n"
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
            max_concurrency=1,
            no_catchup=True,
            params=wanted.parameters,
            pipeline_package_path=str(wanted.pipeline),
            enabled=True,
            service_account=wanted.service_account,
        )
        click.echo(f"created: {wanted.name}\n{kfp.link('recurringrun', created.recurring_run_id)}")


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
            times = next_times(cron) if _state(recurring) == "enabled" else []
            last = [run for _, run in zip(range(SHOWN_RUNS), _runs_of(kfp, recurring), strict=False)]
            table.add_row(
                recurring.display_name,
                five_fields(cron),
                _state(recurring),
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
        if _state(recurring) == "enabled":
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


def _state(recurring: Any) -> str:
    return str(recurring.status or "unknown").lower()


def _differences(existing: Any, wanted: Schedule) -> str:
    """A line for everything that is not the same; empty if nothing is."""
    if not (existing.description or "").startswith(MADE_BY):
        return "  it was not made by clt schedule"
    there, here = _facts(existing.description), _facts(wanted.description)
    lines = [
        f"  {name}: {there.get(name, 'nothing')} there, {value} here"
        for name, value in here.items()
        if there.get(name) != value
    ]
    cron = five_fields(existing.trigger.cron_schedule.cron)
    if there.get("cron") != cron:
        lines.append(f"  cron: changed there to {cron} since")
    return "\n".join(lines)


def _facts(description: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in description.splitlines()[1:] if ": " in line)
