"""`clt samples`: what a cell's model answered, failures first, in the terminal or as a page."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clt.errors import UserError

if TYPE_CHECKING:
    from clt.study import Cell, StudyRecord

IN_TERMINAL, ELSEWHERE = 5, 50  # items of a task and language


@click.command("samples")
@click.argument("study", metavar="[STUDY]", required=False)
@click.option("--store", metavar="STORE", required=True, help="A folder, or s3://BUCKET/PREFIX.")
@click.option(
    "--cell",
    metavar="CELL",
    help="A key that `clt status` shows.  [default: the only evaluated one of the study, or of the store's newest]",
)
@click.option("--task", "tasks", metavar="TASK", multiple=True, help="Only this task; may be given several times.")
@click.option("--language", "languages", metavar="CODE", multiple=True, help="Only this language; also several times.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help=f"Items of each task and language.  [default: {IN_TERMINAL}; with --html or --json {ELSEWHERE}]",
)
@click.option("--failures", is_flag=True, help="Only what the task's first metric does not give full marks.")
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one self-contained page instead, with whole texts.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead, for other programs.")
def samples_command(
    study: str | None,
    store: str,
    cell: str | None,
    tasks: tuple[str, ...],
    languages: tuple[str, ...],
    limit: int | None,
    failures: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """Read the answers of a cell's selected checkpoint, the worst of each task and language first.

    With each answer: its prompt, what was read as the answer, the reference, the scores, why it ended, and a judge's
    reply. STUDY is a file or a key in the store.
    """
    from clt.cli.as_json import answers_json
    from clt.languages import canonical_or_same
    from clt.local import find_evaluated_cell, find_study
    from clt.statistics import answer_lines, answers_page, cell_answers
    from clt.store import open_store

    if html is not None and as_json:
        raise UserError("clt samples: got --html and --json, expected one of them")
    opened = open_store(store)
    record, found = find_evaluated_cell(opened, cell, None if study is None else find_study(opened, study))
    answers = cell_answers(
        opened,
        record,
        found,
        tasks=_known(tasks, found.tasks, "--task"),
        languages=_known(tuple(map(canonical_or_same, languages)), _evaluated(record, found, tasks), "--language"),
        limit=limit or (ELSEWHERE if html or as_json else IN_TERMINAL),
        only_failures=failures,
    )
    if html is not None:
        _write(html, answers_page(answers))
    else:
        click.echo(answers_json(answers) if as_json else "\n".join(answer_lines(answers)))


def _evaluated(record: "StudyRecord", cell: "Cell", tasks: tuple[str, ...]) -> tuple[str, ...]:
    """The languages of the cell's wanted tasks."""
    return tuple(dict.fromkeys(code for task in tasks or cell.tasks for code in record.study.evaluated(task)))


def _known(given: tuple[str, ...], known: tuple[str, ...], option: str) -> tuple[str, ...]:
    for name in given:
        if name not in known:
            raise UserError(f"{option}: got {name!r}, expected one that the cell was evaluated on: {', '.join(known)}")
    return given


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"--html {path}: cannot be written ({error.strerror}), expected a file in a folder that can be written to"
        ) from error
    click.echo(path)
