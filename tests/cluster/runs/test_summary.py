"""What Kubeflow's run page shows of the statistics."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from clt.cluster import summarize
from clt.statistics.compute import compute_statistics
from clt.statistics.document import Statistics
from clt.statistics.rendering.summary import summarize as summarize_report
from clt.statistics.scores.table import MissingCell
from tests.statistics.conftest import made_rows, made_table
from tests.statistics.filled import filled


@pytest.fixture(scope="module")
def statistics() -> Statistics:
    rows = pd.concat([made_rows(items=10), made_rows(items=10, model="a|b", base=False)])
    missing = [MissingCell(study="made-0", cell="x|y", state="failed", error="line one\nline <two>")]
    return filled(compute_statistics(made_table(rows))).model_copy(update={"missing_cells": missing})


@pytest.fixture
def written(statistics: Statistics, tmp_path: Path) -> Callable[..., Path]:
    def write(**changes: object) -> Path:
        path = tmp_path / "statistics.json"
        document = statistics.model_dump(mode="json") | changes
        path.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
        return path

    return write


def test_metrics_are_finite_and_have_readable_names(written: Callable[..., Path], statistics: Statistics) -> None:
    _, metrics = summarize(written())
    assert all(isinstance(value, float) and math.isfinite(value) for value in metrics.values())
    for curve in statistics.curves:
        assert {f"{role} of {curve.id}" for role in ("EN", "S", "U")} <= set(metrics)
    assert {"curves where S improved", "curves where U improved"} <= set(metrics)


def test_undefined_values_are_no_metrics(written: Callable[..., Path], statistics: Statistics) -> None:
    curves = statistics.model_dump(mode="json")["curves"]
    curves[0]["points"][-1]["seen"] = {
        "value": None, "low": None, "high": None, "method": "undefined", "reason": "no trained language",
    }  # fmt: skip
    text, metrics = summarize(written(curves=curves))
    assert f"S of {curves[0]['id']}" not in metrics and f"U of {curves[0]['id']}" in metrics
    assert "no trained language" in text


def test_every_table_has_as_many_cells_as_its_head(written: Callable[..., Path]) -> None:
    text, _ = summarize(written())
    width = None
    tables = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            width = None
            continue
        assert line.endswith("|")
        cells = len(re.findall(r"(?<!\\)\|", line)) - 1
        tables += width is None
        width = width or cells
        assert cells == width
    assert tables == 2
    assert "a\\|b" in text


def test_answers_are_those_of_the_report_and_missing_cells_are_named(
    written: Callable[..., Path], statistics: Statistics
) -> None:
    text, _ = summarize(written())
    for answer in summarize_report(statistics):
        assert f"**{answer.question}**" in text
    assert "- x\\|y: failed: line one line &lt;two>" in text
    assert "1 cell has no scores yet" in text


def test_names_are_shown_as_they_are_and_mark_nothing_up(written: Callable[..., Path], statistics: Statistics) -> None:
    name = "a_b*c`d[e](f)!g\\h|i&lt;j<k"
    missing = [{"study": "s", "cell": name, "state": "missing", "error": None}]
    text, _ = summarize(written(missing_cells=missing, title=name))
    shown = "a\\_b\\*c\\`d\\[e\\](f)\\!g\\\\h\\|i&amp;lt;j&lt;k"
    assert f"- {shown}: missing" in text and f"# {shown}\n" in text
