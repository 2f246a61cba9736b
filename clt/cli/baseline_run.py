"""`clt baseline run | verdict | compare`: a run on this machine, and what is printed of it."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.table import Table

from clt.baselines import (
    Verdict,
    Word,
    begin_run,
    check_prometheus,
    compare,
    conclude,
    judge_baseline,
    note_planned,
    tell,
    verdict_text,
    webhook_faults,
    write_prometheus,
)
from clt.cli.baseline_files import HISTORY, VERDICT, check_output, open_baseline, write_page
from clt.cli.console_tables import console
from clt.cli.run_command import terminate
from clt.cli.run_progress import view
from clt.errors import UserError
from clt.local import prepare_run
from clt.planning import read_study
from clt.store import Store, open_store, read_record

EXIT_STATUS = {Word.UNCHANGED: 0, Word.IMPROVED: 0, Word.REGRESSED: 3, Word.CANNOT_TELL: 4}


def run_baseline(
    path: Path,
    store_uri: str,
    run: str | None,
    *,
    workers: int | None,
    output: Path | None,
    prometheus: Path | None,
    link: str,
) -> int:
    """Run a baseline's study once more and judge the baseline.

    Webhooks, page and gauges come after that, in this order, each whatever becomes of the others.

    Returns:
        The exit status: that of the verdict, 1 if cells failed, 130 or 143 if a signal ended it.

    Raises:
        UserError: Before anything is trained: bad input, or files that could not be written. After it: those of the
            three that failed.
    """
    signal.signal(signal.SIGTERM, terminate)
    store, study, name = open_store(store_uri), read_study(path), run or _by_the_clock()
    check_output(output)
    if prometheus is not None:
        check_prometheus(prometheus)
    study = begin_run(store, study, name)
    for fault in webhook_faults(study.baseline.notify if study.baseline is not None else ()):
        click.echo(f"nobody will be told: {fault}", err=True)
    text = path.read_text(encoding="utf-8")
    click.echo("planning: reading and checking every row of the sources", err=True)
    prepared = prepare_run(store, study, text=text, cells=None, workers=workers, repeat=name)
    planned = note_planned(store, study, name, prepared.record.key)
    click.echo(
        f"baseline {study.name}, run {name} (number {planned.number}, seeds {', '.join(map(str, planned.seeds))}): "
        f"{len(prepared.record.grid.cells)} cells; store {store.uri}"
    )
    result = prepared.complete(view)
    if result.stopped_by is not None or result.failed:
        click.echo(result.summary())
        click.echo(f"the same command with --run {name} goes on with this run", err=True)
        return result.exit_status
    verdict = conclude(store, prepared.record.key)
    click.echo(verdict_text(verdict), nl=False)
    do_all(
        lambda: _tell(store, verdict, link),
        lambda: _write_page(store, verdict, output),
        lambda: _write_prometheus(verdict, prometheus),
    )
    return EXIT_STATUS[verdict.word]


def show_verdict(
    name: str, store_uri: str, *, prometheus: Path | None, tells: bool, link: str, every: bool, as_json: bool
) -> int:
    """Print the verdict on a baseline; returns the exit status."""
    store = open_baseline(store_uri, name)
    verdict = judge_baseline(store, name)
    click.echo(verdict.model_dump_json(indent=1) if as_json else verdict_text(verdict, every=every), nl=as_json)
    do_all(
        lambda: _tell(store, verdict, link) if tells else None,
        lambda: _write_prometheus(verdict, prometheus),
    )
    return EXIT_STATUS[verdict.word]


def show_comparison(name: str, run: str, beside: str, store_uri: str) -> None:
    """Print a table of two runs' differences, with their intervals over items."""
    columns = ("comparison", "difference", "95% over items", "items")
    table = Table(*columns, title=f"{run} - {beside}", title_justify="left")
    for comparison, each in compare(open_baseline(store_uri, name), name, run, beside):
        ends = "-" if each.low is None else f"{each.low:+.3f} to {each.high:+.3f}"
        table.add_row(comparison, f"{each.difference:+.3f}", ends, str(each.items))
    out = console()
    out.print(table)
    out.print("Intervals are over items alone; what runs differ by is not in them, so none of this is an alarm.")


def _tell(store: Store, verdict: Verdict, link: str) -> None:
    baseline = read_record(store, verdict.runs[-1].study).study.baseline
    assert baseline is not None, "its runs are those of a baseline"
    for line in tell(store, verdict, baseline.notify, link=link):
        click.echo(line, err=True)


def _write_page(store: Store, verdict: Verdict, output: Path | None) -> None:
    folder = write_page(store, verdict, output)
    click.echo("\n".join(str(folder / each) for each in (HISTORY, VERDICT)))


def _write_prometheus(verdict: Verdict, path: Path | None) -> None:
    if path is not None:
        write_prometheus(verdict, path)


def do_all(*steps: Callable[[], None]) -> None:
    """Every step, whatever becomes of the others; then what went wrong: a UserError, or the first that is none."""
    faults: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as fault:  # even a bug in one must not keep a team from being told
            faults.append(fault)
    if bugs := [each for each in faults if not isinstance(each, UserError)]:
        raise bugs[0]
    if faults:
        raise UserError("\n".join(map(str, faults)))


def _by_the_clock() -> str:
    return datetime.now(UTC).strftime("%Y%m%dt%H%M%Sz")
