"""`clt next`: which cells to run next, by what they are expected to resolve for their GPU hours."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clt.cli.target_option import target_option
from clt.errors import UserError

if TYPE_CHECKING:
    from rich.table import Table

    from clt.next_cells import Proposal


MADE_BY = "Made by `clt next"  # in the first line of a file that may be written anew


@click.command("next")
@click.argument("study", metavar="STUDY.yaml", type=click.Path(path_type=Path))
@click.option("--store", metavar="STORE", required=True, help="Where the study's cells are; it may be empty.")
@click.option(
    "--gpu-hours",
    "hours",
    metavar="H",
    required=True,
    type=float,
    help="What may be spent, as `clt plan` counts it; hours of processors for a study without a GPU.",
)
@click.option("--budget", metavar="ROWS", type=click.IntRange(min=1), help="As in `clt report`.  [default: no limit]")
@target_option
@click.option(
    "--claim",
    metavar="FIELDS",
    help="Narrow the interval of one change from n = 0 instead: 'model=small,task=math,measure=U,n=1000', where "
    "measure is S, U or EN and n is the largest by default.",
)
@click.option(
    "--new/--grid-only",
    default=True,
    show_default=True,
    help="Also cells beside the study's grid: new n, a further seed, each training language by itself.",
)
@click.option(
    "--write",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a study file of what is done and what was chosen.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead, for other programs.")
def next_command(
    study: Path,
    store: str,
    hours: float,
    budget: int | None,
    targets: tuple[str, ...],
    claim: str | None,
    new: bool,
    write: Path | None,
    as_json: bool,
) -> None:
    """Show which cells to run next: those that lower the expected regret of the recommendations most for their hours.

    Nothing is run. How it chooses: docs/next.md.
    """
    from clt.cli.as_json import proposal_json
    from clt.cli.console_tables import console
    from clt.next_cells import Claim, NextRequest, propose, study_text
    from clt.planning import read_study
    from clt.store import open_store

    request = NextRequest(
        hours=hours, budget=budget, targets=targets, claim=None if claim is None else Claim.parse(claim), new=new
    )
    read = read_study(study)
    if write is not None and write.resolve() == study.resolve():
        raise UserError(f"--write {write}: got the study's own file, expected another one")
    if write is not None and write.exists() and MADE_BY not in _first_line(write):
        raise UserError(
            f"--write {write}: got a file that `clt next` has not made, expected a new one or one of its own; "
            "give another name, or remove it"
        )
    proposal = propose(open_store(store), read, request, str(study))
    written = write if proposal.steps else None
    if written is not None:
        _write(written, study_text(proposal, read, study, written.parent))
    if as_json:
        click.echo(proposal_json(proposal, written))
        return
    out = console()
    for part in _parts(proposal):
        out.print(part)
    if write is not None and written is None:
        out.print(f"{write}: not written, as there is nothing to run")
    if written is not None:
        out.print(f"{written}: run it with `clt run {written} --store {store}`; what is done is not done again.")


def _parts(proposal: "Proposal") -> "list[Table | str]":
    """The steps in their order, what is open of each recommendation, and the sentence."""
    from rich.table import Table

    parts: list[Table | str] = []
    if proposal.steps:
        title = f"{proposal.study}: next, {proposal.spent:.3g} of {proposal.hours:g} {proposal.unit}"
        steps = Table("", "cells", "kind", "expected to resolve", title=title, title_justify="left")
        for name in (proposal.unit, "gain, points", "an hour"):
            steps.add_column(name, justify="right", no_wrap=True)
        for number, step in enumerate(proposal.steps, 1):
            cells, gains = "\n".join(step.cells), (f"{step.gain:.2f}", f"{step.gain_per_hour:.3g}")
            steps.add_row(str(number), cells, step.kind, step.resolves, f"{step.hours:.3g}", *gains)
        parts.append(steps)
    regret = proposal.objective == "regret"
    title, about = ("Expected regret", "recommended now") if regret else ("Width of the interval", "change by")
    open_ = Table("model", "setting", "task", about, title=f"{title}, points", title_justify="left")
    for name in ("now", "after"):
        open_.add_column(name, justify="right", no_wrap=True)
    for each in proposal.expectations:
        open_.add_row(each.model, each.setting, each.task, each.about, f"{each.now:.2f}", f"{each.after:.2f}")
    points = "Points are hundredths of the metric's range, or of the score where it has no largest one."
    return [*parts, open_, proposal.statement, points, *(f"Note: {note}" for note in proposal.notes)]


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"--write {path}: cannot be written ({error.strerror}), expected a file in a folder that can be written to"
        ) from error
