"""The command line: `clt plan | run | report | status`, and the commands of the other `*_command(s)` files. A skin:
every command is a few calls.

Exit status: 0 done, 1 cells failed, 2 bad input or a bad environment, 130 and 143 after Ctrl-C and SIGTERM. Whatever
is heavy is imported by the command that needs it: `clt --help` and `clt plan` take well under a second.
"""

import logging
import sys
from pathlib import Path
from typing import Any

import click

from clt.cli.baseline_commands import baseline
from clt.cli.cluster_commands import COMMANDS, with_endpoint
from clt.cli.compile_command import compile_command
from clt.cli.endpoint import Endpoint
from clt.cli.export_command import export_command
from clt.cli.fetch_command import fetch_command
from clt.cli.judge_command import judge_check_command
from clt.cli.next_command import next_command
from clt.cli.pipeline_commands import pipeline
from clt.cli.report_command import OUTPUT_HELP, report_command
from clt.cli.samples_command import samples_command
from clt.cli.start_commands import START_COMMANDS
from clt.cli.store_commands import STORE_COMMANDS
from clt.errors import UserError
from clt.logs import FORMATS, VARIABLE, set_up_logging

STUDY = click.argument("study", metavar="STUDY.yaml")
CELLS = click.option(
    "--cells",
    metavar="FILTER",
    help="Only these cells: fields such as model=small,n=0|20, or a pattern of keys such as 'small-math-*'.",
)
LIMIT = click.option(
    "--limit",
    metavar="ROWS",
    type=click.IntRange(min=1),
    help="A pilot: at most this many rows a language, test items and validation rows.",
)
WORKERS = click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(min=1),
    help="Cells side by side, with the threads that the study gives each.  [default: as many as there are cores]",
)
STORE = click.option(
    "--store", metavar="STORE", required=True, help="Where every step's output is: a folder, or s3://BUCKET/PREFIX."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead, for other programs.")


class Commands(click.Group):
    """Turns what the user can mend into a message and exit status 2; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            if ctx.params["log_format"] == "json":
                logging.getLogger("clt.cli").error(str(error))
            else:
                click.echo(f"Error: {error}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            ctx.exit(130)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="cross-lingual-transfer", prog_name="clt")
@click.option(
    "--log-format",
    type=click.Choice(FORMATS),
    envvar=VARIABLE,
    default="text",
    help=f"Errors and warnings for people or, a JSON object a line, for programs.  [env: {VARIABLE}]",
)
def main(log_format: str) -> None:
    """Measure cross-lingual transfer in multilingual post-training."""
    set_up_logging(log_format, sys.stderr)


@main.command()
@STUDY
@click.option(
    "--store", metavar="STORE", help="Say also what of the study is complete in this store, and why the rest is not."
)
@CELLS
@LIMIT
@WORKERS
@JSON
def plan(
    study: str, store: str | None, cells: str | None, limit: int | None, workers: int | None, as_json: bool
) -> None:
    """Show a study's cells and what they cost, before anyone pays for them.

    Nothing is run or written. Exit status 2 if the cost exceeds the study's limits, or memory cannot suffice.
    """
    from clt.cli.as_json import plan_json
    from clt.cli.console_tables import console, plan_tables
    from clt.planning import check_limits, check_memory, preview_plan, read_study
    from clt.store import open_store

    opened = None if store is None else open_store(store)
    planned = preview_plan(read_study(study, limit), cells, workers, store=opened)
    if as_json:
        click.echo(plan_json(planned))
    else:
        out = console()
        for part in plan_tables(planned):
            out.print(part)
    check_limits(planned)
    check_memory(planned.memory)


@main.command()
@STUDY
@STORE
@CELLS
@LIMIT
@WORKERS
@click.option(
    "--repeat", metavar="TEXT", default="", help="Run the same cells again on purpose, told apart by this text."
)
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=f"{OUTPUT_HELP}  [default: report, in the store's folder]",
)
def run(
    study: str, store: str, cells: str | None, limit: int | None, workers: int | None, repeat: str, output: Path | None
) -> None:
    """Run a study on this machine and report; run it again to resume.

    Complete steps are not done again, so a killed, failed, changed or extended study computes only what is new.
    """
    from clt.cli.run_command import run_command

    sys.exit(run_command(study, store, cells=cells, limit=limit, workers=workers, repeat=repeat, output=output))


@main.command()
@click.option("--store", metavar="STORE", help="The folder or s3://BUCKET/PREFIX that holds every step's output.")
@click.argument("study", metavar="[STUDY]", required=False)
@click.option("--run", "run_id", metavar="RUN_ID", help="A run on a cluster instead, by the id that `clt submit` gave.")
@LIMIT
@WORKERS
@JSON
@with_endpoint
def status(
    endpoint: Endpoint,
    store: str | None,
    study: str | None,
    run_id: str | None,
    limit: int | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Show what became of each cell of a study (its file or its key), of each study in a store, or of a run."""
    from clt.cli.show_run import show_run
    from clt.cli.show_status import show_studies, show_study

    if (store is None) == (run_id is None) or (run_id and study):
        raise UserError("clt status: expected either --store STORE [STUDY] or --run RUN_ID")
    if as_json and run_id is not None:
        raise UserError("clt status: --json goes with --store STORE [STUDY], not with --run")
    if run_id is not None:
        show_run(endpoint, run_id)
    elif study is None:
        show_studies(str(store), as_json=as_json)
    else:
        show_study(str(store), study, workers, limit=limit, as_json=as_json)


for command in (
    *START_COMMANDS,
    next_command,
    report_command,
    compile_command,
    fetch_command,
    export_command,
    judge_check_command,
    samples_command,
    *STORE_COMMANDS,
    *COMMANDS,
    pipeline,
    baseline,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
