"""`clt run`: plan, run the cells on this machine, report."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from clt.cli.run_progress import view
from clt.errors import DataError
from clt.local import RunResult, prepare_run
from clt.planning import read_study
from clt.store import Store, open_store
from clt.study import StudyRecord, format_duration


def run_command(
    path: str,
    store_uri: str,
    *,
    cells: str | None,
    limit: int | None,
    workers: int | None,
    repeat: str,
    output: Path | None,
) -> int:
    """Run a study's cells that are not complete, then write the report into `output` (None: beside the store).

    Returns the exit status: 0, 1 if cells failed, 130 or 143 if a signal ended it. Raises UserError for bad input.
    """
    signal.signal(signal.SIGTERM, terminate)
    store = open_store(store_uri)
    study = read_study(path, limit)
    text = Path(path).read_text(encoding="utf-8")
    click.echo("planning: reading and checking every row of the sources", err=True)
    prepared = prepare_run(store, study, text=text, cells=cells, workers=workers, repeat=repeat)
    record, chosen = prepared.record, len(prepared.plan.cells)
    click.echo(f"{record.key}: {chosen} cells, {len(record.grid.cells)} in the study; store {store.uri}")
    result = prepared.complete(view)
    click.echo(result.summary())
    if result.workers:
        click.echo(_timing(result))
    if result.stopped_by is None:
        click.echo("writing the report", err=True)
        _report(store, record, output or store.folder / "report")
    return result.exit_status


def terminate(number: int, frame: FrameType | None) -> NoReturn:
    """Outside of the workers' time: leave the way an exception does, so that nothing half-written stays."""
    sys.exit(128 + number)


def _timing(result: RunResult) -> str:
    workers = f"{result.workers} worker{'s' if result.workers > 1 else ''}"
    return (
        f"wall time {format_duration(result.seconds)}, steps {format_duration(result.step_seconds)} on {workers}: "
        f"{100 * result.overhead:.0f}% overhead"
    )


def _report(store: Store, record: StudyRecord, output: Path) -> None:
    from clt.statistics import report

    try:
        folder = report(store.uri, [record.key], output)
    except DataError as error:  # not one cell is complete
        click.echo(f"no report: {error}", err=True)
        return
    for name in ("report.html", "statistics.json"):
        click.echo(folder / name)
