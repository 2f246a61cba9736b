"""The commands that talk to a Kubeflow Pipelines back end: `clt submit | logs | cancel | cleanup | schedule`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from clt.cli.endpoint import Endpoint
from clt.errors import UserError

FILE = click.Path(path_type=Path, dir_okay=False)
STUDY = click.argument("study", metavar="STUDY.yaml")
RUN = click.argument("run_id", metavar="RUN_ID")
NAME = click.argument("name", metavar="NAME")
STORE = click.option("--store", metavar="s3://BUCKET/PREFIX", required=True, help="Where every step's output goes.")
PIPELINE = click.option(
    "--pipeline", metavar="FILE", type=FILE, required=True, help="The compiled pipeline: what `clt compile` wrote."
)
EXPERIMENT = click.option("--experiment", metavar="NAME", help="Kubeflow's experiment.  [default: the study's name]")
SERVICE_ACCOUNT = click.option(
    "--service-account",
    metavar="NAME",
    default="clt-launcher",
    show_default=True,
    help="Of the pipeline's pods; manifests/ has it.",
)
TERMINATE = click.option("--terminate", is_flag=True, help="End a run that is under way instead of waiting for it.")
OPTIONS = (
    click.option(
        "--endpoint",
        "host",
        metavar="URL",
        envvar="KFP_ENDPOINT",
        help="Kubeflow Pipelines' address.  [env: KFP_ENDPOINT; default in a pod: the service in kubeflow]",
    ),
    click.option(
        "--namespace", metavar="PROFILE", envvar="KFP_NAMESPACE", help="Where there are several.  [env: KFP_NAMESPACE]"
    ),
    click.option(
        "--token-file", metavar="FILE", envvar="KFP_TOKEN_FILE", type=FILE, help="Bearer token.  [env: or KFP_TOKEN]"
    ),
    click.option(
        "--cookies-file",
        metavar="FILE",
        envvar="KFP_COOKIES_FILE",
        type=FILE,
        help="Cookies, such as the session's of Kubeflow's Dex: NAME=VALUE.  [env: or KFP_COOKIES]",
    ),
    click.option(
        "--ca-cert", metavar="FILE", envvar="KFP_CA_CERT", type=FILE, help="Of the endpoint.  [env: KFP_CA_CERT]"
    ),
    click.option("--insecure", is_flag=True, help="Do not verify the endpoint's certificate."),
)
OPTION_NAMES = ("host", "namespace", "token_file", "cookies_file", "ca_cert", "insecure")


def with_endpoint(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that make an `Endpoint`, which the command takes as its argument `endpoint`."""
    from functools import wraps

    @wraps(command)
    def invoke(**arguments: Any) -> Any:
        given = {name: arguments.pop(name) for name in OPTION_NAMES}
        return command(endpoint=Endpoint(**given), **arguments)

    for option in reversed(OPTIONS):
        invoke = option(invoke)
    return invoke


@click.command()
@STUDY
@STORE
@PIPELINE
@click.option(
    "--statistics-pipeline",
    metavar="FILE",
    type=FILE,
    help="What `clt compile --statistics-only` wrote; for a study of more cells than a run holds.",
)
@EXPERIMENT
@click.option("--run-name", metavar="TEXT", help="[default: the study's name and the time]")
@SERVICE_ACCOUNT
@click.option(
    "--repeat",
    metavar="TEXT",
    default="none",
    show_default=True,
    help="Run the same cells again on purpose, told apart by this text; 'run' is the run's own id.",
)
@click.option("--wait", "wait_for_end", is_flag=True, help="Wait for the end; exit status 1 if a run did not succeed.")
@with_endpoint
def submit(endpoint: Endpoint, study: str, **options: Any) -> None:
    """Run a study on a cluster; submit it again to resume.

    Complete steps are not done again. While a run of the same study and store is under way, no second one is made.
    """
    from clt.cli.submit import submit as submit_study

    sys.exit(submit_study(endpoint, study, **options))


@click.command()
@RUN
@click.option("--task", metavar="NAME", help="Only of this task: plan, mix, train, evaluate, statistics, ...")
@click.option("--all", "everything", is_flag=True, help="Also what Kubeflow's launcher and its own pods say.")
@with_endpoint
def logs(endpoint: Endpoint, run_id: str, task: str | None, everything: bool) -> None:
    """Print what a run's tasks printed, from its pods: needs a kubeconfig, and the pods to be there still."""
    from clt.cli.run_logs import show_logs

    show_logs(endpoint, run_id, task, everything=everything)


@click.command()
@RUN
@with_endpoint
def cancel(endpoint: Endpoint, run_id: str) -> None:
    """Terminate a run, wait a little for its end, then say what it has left and delete it (needs a kubeconfig)."""
    from clt.cli.cancel import cancel as cancel_run

    cancel_run(endpoint, run_id)


@click.command()
@click.option("--run", metavar="RUN_ID", default="", help="Jobs of this run.")
@click.option("--study", metavar="KEY", default="", help="Jobs of this study.")
@click.option("--stale", is_flag=True, help="Only jobs whose launcher has gone; takes a minute to be sure.")
@click.option(
    "--namespace",
    metavar="NAME",
    envvar="KFP_NAMESPACE",
    help="[env: KFP_NAMESPACE; default: the pod's own, or KUBECONFIG's]",
)
@click.option("--dry-run", is_flag=True, help="Show them, delete nothing.")
def cleanup(run: str, study: str, stale: bool, namespace: str | None, dry_run: bool) -> None:
    """Delete jobs that runs left in the cluster; checkpoints stay in the store."""
    from clt.cli.cleanup import clean_up

    clean_up(run=run, study=study, stale=stale, namespace=namespace, dry_run=dry_run)


@click.group()
def schedule() -> None:
    """Run a study again and again: a recurring baseline."""


@schedule.command()
@NAME
@STUDY
@click.option(
    "--cron", metavar="FIELDS", required=True, help="minute hour day month weekday, in UTC, such as '0 3 * * 1'."
)
@STORE
@PIPELINE
@EXPERIMENT
@SERVICE_ACCOUNT
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@TERMINATE
@with_endpoint
def create(endpoint: Endpoint, name: str, cron: str, study: str, yes: bool, terminate: bool, **options: Any) -> None:
    """Create a schedule, or update the one of this name once its run is over.

    The next three times, and what differs, are shown before anything is done. Every run does the same cells again, with
    its own id as their `repeat`; one at a time, and none is made up for.
    """
    from clt.cli.schedule import create as create_schedule
    from clt.cli.schedule import echo_times
    from clt.cli.schedule_definition import read_schedule

    def agree(what: str) -> None:
        if not yes and not sys.stdin.isatty():
            raise UserError(f"nothing was {what}d: nobody can be asked here; give --yes if this is right")
        if not yes:
            click.confirm(f"{what} {name}?", abort=True)

    wanted = read_schedule(name, cron, study, **options)
    echo_times(wanted.cron)
    create_schedule(endpoint, wanted, agree=agree, terminate=terminate)


@schedule.command("list")
@with_endpoint
def list_schedules(endpoint: Endpoint) -> None:
    """Show all schedules: their next times and last runs."""
    from clt.cli.schedule import show

    show(endpoint)


@schedule.command("run-now")
@NAME
@with_endpoint
def run_now(endpoint: Endpoint, name: str) -> None:
    """Start one run at once, unless another one is under way; the clock goes on as it does."""
    from clt.cli.schedule import run_now as run_schedule_now

    run_schedule_now(endpoint, name)


@schedule.command()
@NAME
@with_endpoint
def pause(endpoint: Endpoint, name: str) -> None:
    """Start no further runs."""
    from clt.cli.schedule import pause as pause_schedule

    pause_schedule(endpoint, name)


@schedule.command()
@NAME
@with_endpoint
def resume(endpoint: Endpoint, name: str) -> None:
    """Start runs again; if a time passed in between, one starts at once."""
    from clt.cli.schedule import resume as resume_schedule

    resume_schedule(endpoint, name)


@schedule.command()
@NAME
@TERMINATE
@with_endpoint
def delete(endpoint: Endpoint, name: str, terminate: bool) -> None:
    """Pause a schedule, wait for a run that is under way (or end it), then delete the schedule.

    A back end that deletes a recurring run kills the pods of its runs, and shows those as running for ever.
    """
    from clt.cli.schedule import delete as delete_schedule

    delete_schedule(endpoint, name, terminate=terminate)


COMMANDS = (submit, logs, cancel, cleanup, schedule)
