"""`clt judge-check`: how well a judge agrees with people, before its ratings are believed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from clt.evaluation import Agreement, Calibration, Estimate


@click.command("judge-check")
@click.argument("rated", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--judge", "study", metavar="STUDY.yaml", required=True, help="The study whose `judge` is checked.")
@click.option("--repeats", metavar="N", type=click.IntRange(min=1), default=3, show_default=True, help="Readings each.")
@click.option("--again", metavar="NAME", default="", help="Ask anew, once for each name, such as the date.")
@click.option("--store", metavar="STORE", help="Where replies are kept.  [default: a folder in this machine's cache]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead, for other programs.")
def judge_check_command(rated: Path, study: str, repeats: int, again: str, store: str | None, as_json: bool) -> None:
    """Let the study's judge rate answers that people rated, several times, and say how they agree.

    FILE has a JSON object a line: question, answer, language, and human, a rating from 1 to 5. Every reply is kept, so
    a check that was stopped goes on, and the same check made later asks nothing: with --again it does, and shows
    whether the judge has changed.
    """
    from clt.cli.as_json import calibration_json
    from clt.cli.console_tables import console
    from clt.errors import StudyError
    from clt.evaluation import calibrate, read_rated
    from clt.store import cache_folder, open_store
    from clt.study import load_study

    judge = load_study(study).judge
    if judge is None:
        raise StudyError("is missing, expected the judge to check", field="judge", file=study)
    opened = open_store(store or cache_folder() / "judge-check")
    result = calibrate(opened, judge, read_rated(rated), repeats, occasion=again)
    if as_json:
        click.echo(calibration_json(result))
        return
    out = console()
    out.print(_table(result))
    hint = "; `--again NAME` asks anew" if result.kept else ""
    out.print(f"{result.calls:,} calls, {result.kept:,} replies kept from before{hint}.")
    if (noise := result.overall.noise_sd) is not None:
        out.print(f"`noise_sd: {noise:.2f}` in the study's `judge` has the report tell it.")


def _table(result: "Calibration") -> "Table":
    from rich.table import Table

    title = f"{result.model}, {result.prompt}, {result.repeats} readings of each answer"
    table = Table("language", title=title, title_justify="left")
    for name in ("answers", "unrated", "weighted kappa", "judge - people", "length bias (p)", "sd of repeats"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, each in {"all": result.overall, **result.languages}.items():
        table.add_row(name, *_cells(each))
    return table


def _cells(each: "Agreement") -> tuple[str, ...]:
    bias = "-" if each.length_bias is None else f"{each.length_bias:+.2f} ({each.length_bias_p:.2g})"
    noise = "-" if each.noise_sd is None else f"{each.noise_sd:.2f}"
    return (
        f"{each.answers:,}",
        f"{each.unrated:,}",
        _interval(each.kappa, ".2f"),
        _interval(each.mean_difference, "+.2f"),
        bias,
        noise,
    )


def _interval(estimate: "Estimate", form: str) -> str:
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:{form}}"
    return f"{estimate.value:{form}} [{estimate.low:{form}}, {estimate.high:{form}}]"
