"""What Kubeflow's run page shows of the statistics."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from clt.cluster.runs.summary import summarize
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
        name = f"{curve.task} {curve.metric} {curve.model} {'+'.join(curve.train_languages)}"
        assert {f"{role} {name}" for role in ("EN", "S", "U")} <= set(metrics)
    assert list(metrics)[:2] == ["S improved in curves", "U improved in curves"]


def test_equal_curves_of_two_studies_have_equal_names(written: Callable[..., Path], statistics: Statistics) -> None:
    """So that Kubeflow's Compare puts them into one row: a repeat, or the study with another seed."""
    _, metrics = summarize(written())
    curves = [
        curve | {"id": f"another {curve['id']}", "study": "another-1f0c2a9b"}
        for curve in statistics.model_dump(mode="json")["curves"]
    ]
    _, others = summarize(written(curves=curves, findings=[], answer_rates=[], answer_shifts=[]))
    assert set(others) == {name for name in metrics if "improved" not in name}
    assert not any(curve.study in name for name in metrics for curve in statistics.curves)


def test_curves_that_differ_in_the_setting_alone_keep_names_of_their_own(
    written: Callable[..., Path], statistics: Statistics
) -> None:
    curves = statistics.model_dump(mode="json")["curves"][:1]
    curves = [curves[0] | {"id": setting, "setting": setting} for setting in ("single_task", "multi_task")]
    _, metrics = summarize(written(curves=curves, findings=[], answer_rates=[], answer_shifts=[]))
    assert len(metrics) == 6 and sum(name.endswith(" multi_task") for name in metrics) == 3


def test_undefined_values_are_no_metrics(written: Callable[..., Path], statistics: Statistics) -> None:
    curves = statistics.model_dump(mode="json")["curves"]
    curves[0]["points"][-1]["seen"] = {
        "value": None, "low": None, "high": None, "method": "undefined", "reason": "no trained language",
    }  # fmt: skip
    text, metrics = summarize(written(curves=curves))
    name = f"{curves[0]['task']} {curves[0]['metric']} {curves[0]['model']} {'+'.join(curves[0]['train_languages'])}"
    assert f"S {name}" not in metrics and f"U {name}" in metrics
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
        assert f"\n## {answer.question}\n" in text
    assert "- x\\|y: failed: line one line &lt;two>" in text
    assert "1 cell has no scores yet" in text


def test_names_are_shown_as_they_are_and_mark_nothing_up(written: Callable[..., Path], statistics: Statistics) -> None:
    name = "a_b*c`d[e](f)!g\\h|i&lt;j<k"
    missing = [{"study": "s", "cell": name, "state": "missing", "error": None}]
    text, _ = summarize(written(missing_cells=missing, title=name))
    shown = "a\\_b\\*c\\`d\\[e\\](f)\\!g\\\\h\\|i&amp;lt;j&lt;k"
    assert f"- {shown}: missing" in text and f"# {shown}\n" in text
