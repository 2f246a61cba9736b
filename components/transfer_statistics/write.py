"""statistics.json, report.html and tables/ in a folder."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from components.study import UserError
from components.transfer_statistics.rendering.page import render
from components.transfer_statistics.schema import Curve, Estimate, Statistics

STATISTICS = "statistics.json"
REPORT = "report.html"
POINTS = "tables/points.csv"
FINDINGS = "tables/findings.csv"
FILES = (REPORT, POINTS, FINDINGS, STATISTICS)  # the JSON last: it tells that the others are there
CURVE_COLUMNS = ("study", "task", "metric", "model", "setting", "mixture", "train_languages")


def write_files(statistics: Statistics, folder: Path) -> None:
    """Write all files into an existing folder."""
    (folder / "tables").mkdir(exist_ok=True)
    (folder / REPORT).write_text(render(statistics), encoding="utf-8")
    _write_csv(folder / POINTS, _point_rows(statistics))
    _write_csv(folder / FINDINGS, _finding_rows(statistics))
    content = json.dumps(statistics.model_dump(mode="json"), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / STATISTICS).write_text(content + "\n", encoding="utf-8")


def copy_files(artifact: Path, output: Path) -> None:
    """Copy the files into a user's folder, each moved into place when complete; UserError if it is not writable."""
    try:
        (output / "tables").mkdir(parents=True, exist_ok=True)
        for name in FILES:
            beside = output / f"{name}.part"
            shutil.copyfile(artifact / name, beside)
            beside.replace(output / name)
    except OSError as error:
        raise UserError(
            f"{output}: the report cannot be written ({error.strerror}); give a folder that can be written to"
        ) from error


def _write_csv(path: Path, rows: Iterator[dict[str, object]]) -> None:
    found = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        if found:
            writer = csv.DictWriter(file, found[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)


def _identity(curve: Curve) -> dict[str, object]:
    values = curve.model_dump(include=set(CURVE_COLUMNS))
    values["train_languages"] = "+".join(curve.train_languages)
    return {name: values[name] for name in CURVE_COLUMNS}


def _point_rows(statistics: Statistics) -> Iterator[dict[str, object]]:
    """A row for every value of every point; `language` is empty for means over languages."""
    for curve in statistics.curves:
        for point in ([curve.base] if curve.base else []) + curve.points:
            names = ("english", "seen", "unseen", "non_english", "relative", "gap", "latin", "non_latin")
            values: list[tuple[str, str, Estimate]] = [(name, "", getattr(point, name)) for name in names]
            values += [("score", code, estimate) for code, estimate in point.per_language.items()]
            for measure, language, estimate in values:
                yield _identity(curve) | {
                    "samples_per_language": point.samples_per_language,
                    "data_ratio": point.data_ratio,
                    "measure": measure,
                    "language": language,
                    "exposure": point.exposure.get(language, ""),
                    **_cells(estimate),
                }


def _finding_rows(statistics: Statistics) -> Iterator[dict[str, object]]:
    by_id = {curve.id: curve for curve in statistics.curves}
    for finding in statistics.findings:
        yield _identity(by_id[finding.curve]) | {
            "question": finding.question,
            "at": finding.change.at,
            **_cells(finding.change),
            "answer": finding.answer,
            "detectable": finding.detectable,
        }


def _cells(estimate: Estimate) -> dict[str, object]:
    return {name: getattr(estimate, name) for name in ("value", "low", "high", "method", "reason")}
