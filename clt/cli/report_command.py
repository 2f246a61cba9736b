"""`clt report`: statistics and report of a table of scores, or of studies in a store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from clt.cli.target_option import target_option
from clt.errors import UserError

OUTPUT_HELP = "Where report.html and statistics.json go."


class NumberByLanguage(click.ParamType):
    """Such as ja=2.0."""

    name = "LANGUAGE=NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        if isinstance(value, tuple):
            return value
        code, _, number = str(value).partition("=")
        try:
            return code.strip(), float(number)
        except ValueError:
            self.fail(f"got {value!r}, expected a language and a number, such as ja=2.0", param, ctx)


BY_LANGUAGE = NumberByLanguage()


def _once(option: str, given: Sequence[tuple[str, float]]) -> dict[str, float]:
    codes = [code for code, _ in given]
    if repeated := [code for code in codes if codes.count(code) > 1]:
        raise UserError(f"{option}: got {repeated[0]!r} twice, expected each language once")
    return dict(given)


@click.command("report")
@click.argument("scores", metavar="[SCORES.csv]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--store", metavar="STORE", help="The folder or s3://BUCKET/PREFIX that holds every step's output; with --study."
)
@click.option(
    "--study",
    "studies",
    metavar="STUDY",
    multiple=True,
    help="A study file, or a study's key in the store; may be given several times.",
)
@click.option("--output", metavar="DIR", required=True, type=click.Path(path_type=Path), help=OUTPUT_HELP)
@click.option(
    "--claims",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Printed claims to hold against the table.  [default: a claims.yaml beside it]",
)
@click.option(
    "--budget",
    metavar="ROWS",
    type=click.IntRange(min=1),
    help="Recommend a mixture of at most so many rows of a task, or rows in other languages where English rows are not "
    "known; with --price of what they cost.  [default: no limit]",
)
@target_option
@click.option(
    "--price",
    "prices",
    metavar="LANGUAGE=PRICE",
    multiple=True,
    type=BY_LANGUAGE,
    help="Divide the budget: what a row of this language costs, 1 where it is not said; the budget is what all rows "
    "may cost then. May be given several times.",
)
@click.option(
    "--weight",
    "weights",
    metavar="LANGUAGE=WEIGHT",
    multiple=True,
    type=BY_LANGUAGE,
    help="Divide the budget: how much this language counts as a target, 1 where it is not said; may be given several "
    "times.",
)
@click.option(
    "--english-margin",
    metavar="SHARE",
    type=float,
    help="Divide the budget: what the English score may fall by, as a share of the metric's range (of English-only "
    "training's score where it has none): 0.02 is 2 points of 100. More has at most a 5% probability.  "
    "[default: whatever]",
)
@click.option(
    "--samples/--no-samples",
    default=True,
    show_default=True,
    help="From a store: also samples/, what models answered, a page a cell, linked from the report.",
)
@click.option(
    "--repeats",
    is_flag=True,
    help="Write repeats.html and repeats.json instead: the repeats of one study (as of `clt schedule`) compared.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead, for other programs.")
def report_command(
    scores: Path | None,
    store: str | None,
    studies: tuple[str, ...],
    output: Path,
    claims: Path | None,
    budget: int | None,
    targets: tuple[str, ...],
    prices: tuple[tuple[str, float], ...],
    weights: tuple[tuple[str, float], ...],
    english_margin: float | None,
    samples: bool,
    repeats: bool,
    as_json: bool,
) -> None:
    """Compute what transferred and write report.html, statistics.json, figures/ and tables/.

    From a table of scores (columns: docs/score_table.md), or from the scores of one or more studies in a store.
    """
    from clt.cli.as_json import paths_json
    from clt.cli.reporting import write_repeats, write_report

    if repeats:
        wanted = budget, targets, prices, weights, english_margin
        if scores or store is None or len(studies) != 1 or claims or any(each not in (None, ()) for each in wanted):
            raise UserError("clt report --repeats: expected --store STORE, one --study and --output alone")
        folder = write_repeats(store, studies[0], output)
        names = ("repeats.html", "repeats.json")
    else:
        folder = write_report(
            scores,
            store,
            studies,
            output,
            claims=claims,
            samples=samples,
            budget=budget,
            targets=targets,
            prices=_once("--price", prices),
            weights=_once("--weight", weights),
            english_margin=english_margin,
        )
        names = ("report.html", "statistics.json")
    click.echo(paths_json(folder, names) if as_json else "\n".join(str(folder / name) for name in names))
