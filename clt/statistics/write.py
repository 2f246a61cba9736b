"""statistics.json, report.html, figures/ and tables/ in a folder."""

import csv
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from clt.errors import UserError
from clt.statistics.analyses import ANALYSES, Analysis, Statistics
from clt.statistics.flat_tables import Row
from clt.statistics.rendering.figure_set import draw
from clt.statistics.rendering.page import render
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.further_columns import score_frame
from clt.statistics.scores.table import ScoreTable
from clt.statistics.spreadsheet_text import as_plain_text
from clt.statistics.tables import tables

STATISTICS = "statistics.json"  # written last: it tells that the others are there
REPORT = "report.html"
FIGURES = "figures"
TABLES = "tables"


def write_report(
    statistics: Statistics, table: ScoreTable, folder: str | Path, *, analyses: tuple[Analysis[Any], ...] = ANALYSES
) -> Path:
    """Put statistics.json, report.html, figures/ and tables/ into a folder.

    Every file is moved into place when it is complete; other files of the folder stay.

    Args:
        statistics: What `compute_statistics` made of the table.
        table: The scores; their means become tables/scores.csv.
        folder: Where the files go; made if it is not there.
        analyses: Those that the statistics were computed with.

    Returns:
        The folder.

    Raises:
        UserError: The folder is not writable.
    """
    with tempfile.TemporaryDirectory() as attempt:
        write_files(statistics, table, Path(attempt), analyses)
        copy_files(Path(attempt), Path(folder))
    return Path(folder)


def write_files(
    statistics: Statistics, table: ScoreTable, folder: Path, analyses: tuple[Analysis[Any], ...] = ANALYSES
) -> None:
    """Write all files of the analyses into an existing folder; the table's means become tables/scores.csv."""
    figures = draw(statistics, analyses)
    (folder / REPORT).write_text(render(statistics, figures), encoding="utf-8")
    (folder / FIGURES).mkdir(exist_ok=True)
    for name, text in figures.files().items():
        (folder / FIGURES / name).write_text(text, encoding="utf-8")
    (folder / TABLES).mkdir(exist_ok=True)
    for name, rows in tables(statistics, analyses).items():
        _write_csv(folder / TABLES / f"{name}.csv", rows)
    scores = score_frame(list(curves(table.rows)), table.rows)
    scores = scores.map(as_plain_text).rename(columns=as_plain_text)
    scores.to_csv(folder / TABLES / "scores.csv", index=False, lineterminator="\n")
    content = json.dumps(statistics.model_dump(mode="json"), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / STATISTICS).write_text(content + "\n", encoding="utf-8")


def copy_files(artifact: Path, output: Path) -> None:
    """Copy the files into a user's folder, each moved into place when complete; UserError if it is not writable."""
    names = sorted(path.relative_to(artifact).as_posix() for path in artifact.rglob("*") if path.is_file())
    names.sort(key=lambda name: name == STATISTICS)
    try:
        for name in names:
            target, beside = output / name, output / f"{name}.part"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(artifact / name, beside)
            beside.replace(target)
    except OSError as error:
        raise UserError(
            f"{output}: the report cannot be written ({error.strerror}); give a folder that can be written to"
        ) from error


def _write_csv(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: as_plain_text(value) for name, value in row.items()} for row in rows)
