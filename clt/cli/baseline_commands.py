"""`clt baseline`: the same small study again and again, and whether its numbers have moved by more than chance."""

import sys
from pathlib import Path

import click

from clt.errors import UserError

NAME = click.argument("name", metavar="NAME")
STUDY = click.argument("study", metavar="STUDY.yaml", type=click.Path(path_type=Path, dir_okay=False))
STORE = click.option(
    "--store", metavar="STORE", required=True, help="Where the baseline's runs are: a folder, or s3://BUCKET/PREFIX."
)
OUTPUT = click.option(
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where history.html and verdict.json go.  [default: baselines/NAME/history, in the store's folder]",
)
PROMETHEUS = click.option(
    "--prometheus",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the verdict for Prometheus' textfile collector, too.",
)
LINK = click.option("--link", metavar="URL", default="", help="Where people find the page; stands in what is told.")
BECAUSE = click.option("--because", metavar="TEXT", default="", help="Why; stands in the history.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead, for other programs.")


@click.group()
def baseline() -> None:
    """Run a small study again and again, and know when its numbers move by more than chance.

    NAME is the name of the baseline's study. Exit status of `run` and `verdict`: 0 unchanged or improved, 3 regressed,
    4 cannot tell yet (and 1 where cells failed, 2 for bad input).
    """


@baseline.command()
@STUDY
@click.option(
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The baseline's study file; its folder decides what relative paths mean.",
)
@click.option("--task", metavar="NAME", help="Of the primary comparison.  [default: the study's first]")
@click.option("--metric", metavar="NAME", help="Of the primary comparison.  [default: the task's first]")
@click.option(
    "--languages",
    metavar="ROLE",
    type=click.Choice(("english", "trained", "held_out")),
    default="held_out",
    show_default=True,
    help="Of the primary comparison.",
)
@click.option(
    "--worth",
    metavar="SCORE",
    required=True,
    type=float,
    help="The drop of the primary comparison that is worth an alarm, in its metric's unit: 0.05 is 5 points of 100.",
)
def init(study: Path, output: Path, task: str | None, metric: str | None, languages: str, worth: float) -> None:
    """Make a baseline of a study: few cells, and as many seeds a run as the drop that is worth an alarm takes."""
    from clt.cli.baseline_files import write_baseline

    for line in write_baseline(study, output, task=task, metric=metric, languages=languages, worth=worth):
        click.echo(line)


@baseline.command()
@STUDY
@STORE
@click.option("--run", "run", metavar="NAME", help="Name of the run; that of one that was stopped goes on with it.")
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Cells side by side.  [default: as the cores]")
@OUTPUT
@PROMETHEUS
@LINK
def run(
    study: Path,
    store: str,
    run: str | None,
    workers: int | None,
    output: Path | None,
    prometheus: Path | None,
    link: str,
) -> None:
    """Run the baseline once more on this machine, judge it, and tell whom it may concern: what cron calls."""
    from clt.cli.baseline_run import run_baseline

    sys.exit(run_baseline(study, store, run, workers=workers, output=output, prometheus=prometheus, link=link))


@baseline.command()
@NAME
@STORE
@PROMETHEUS
@click.option("--tell", "tells", is_flag=True, help="Tell the webhooks of changes that they were not told of.")
@LINK
@click.option("--all", "every", is_flag=True, help="Every comparison, not only what moved.")
@JSON
def verdict(name: str, store: str, prometheus: Path | None, tells: bool, link: str, every: bool, as_json: bool) -> None:
    """Print what the runs so far say; nothing is run."""
    from clt.cli.baseline_run import show_verdict

    sys.exit(show_verdict(name, store, prometheus=prometheus, tells=tells, link=link, every=every, as_json=as_json))


@baseline.command()
@NAME
@STORE
@OUTPUT
@JSON
def history(name: str, store: str, output: Path | None, as_json: bool) -> None:
    """Write history.html, with every comparison's runs, expected band and evidence, and verdict.json."""
    from clt.cli.as_json import paths_json
    from clt.cli.baseline_files import HISTORY, VERDICT, write_history

    folder = write_history(name, store, output)
    names = (HISTORY, VERDICT)
    click.echo(paths_json(folder, names) if as_json else "\n".join(str(folder / each) for each in names))


@baseline.command()
@NAME
@click.argument("run", metavar="RUN")
@STORE
@BECAUSE
def pin(name: str, run: str, store: str, because: str) -> None:
    """Make a run the one that later ones are shown beside; the alarm does not depend on it."""
    from clt.baselines import pin as pin_run
    from clt.cli.baseline_files import open_baseline

    pin_run(open_baseline(store, name), name, run, because)
    click.echo(f"{name}: later runs are shown beside {run}")


@baseline.command()
@NAME
@click.argument("changes", metavar="[CHANGE]...", nargs=-1)
@STORE
@click.option(
    "--how",
    type=click.Choice(("new-level", "repaired")),
    required=True,
    help="new-level: it stays, and what is in control starts there. repaired: it was a fault; its runs are set aside.",
)
@click.option(
    "--since", metavar="RUN", help="Start all comparisons anew at this run, whether or not a change was found there."
)
@BECAUSE
def acknowledge(name: str, changes: tuple[str, ...], store: str, how: str, since: str | None, because: str) -> None:
    """Say what became of open changes (by their ids, as `verdict` shows them; of all if none is given)."""
    from clt.baselines import How
    from clt.baselines import acknowledge as acknowledge_changes
    from clt.cli.baseline_files import open_baseline

    for line in acknowledge_changes(open_baseline(store, name), name, changes, How(how), because, since=since):
        click.echo(line)


@baseline.command()
@NAME
@click.argument("run", metavar="RUN")
@click.argument("beside", metavar="RUN")
@STORE
def compare(name: str, run: str, beside: str, store: str) -> None:
    """Show how the first run differs from the second, over the items that both have: no reason for an alarm."""
    from clt.cli.baseline_run import show_comparison

    if run == beside:
        raise UserError(f"clt baseline compare: got {run!r} twice, expected two runs")
    show_comparison(name, run, beside, store)
