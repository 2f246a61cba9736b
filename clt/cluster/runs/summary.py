"""The statistics of a study in the few sentences and numbers that Kubeflow's run page shows."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from clt.cluster.runs.pointer import finite
from clt.statistics import Statistics, plain_answers

ROLES = {"english": "EN", "seen": "S", "unseen": "U"}
MARKS = {"improved": "▲", "worsened": "▼", "not resolved": "○"}
QUESTIONS = {"english_cost": "EN", "seen_rise": "S", "unseen_rise": "U"}


def summarize(statistics: Path) -> tuple[str, dict[str, float]]:
    """The report in short.

    Args:
        statistics: A statistics.json.

    Returns:
        Markdown with the answers that open report.html, every curve's main metric at its largest n, the recommendations
        and the missing cells; and finite metrics by name: "EN of CURVE", "S of CURVE" and "U of CURVE" at the largest
        n, and in how many curves S and U improved.
    """
    text = statistics.read_text(encoding="utf-8")
    document = Statistics.model_validate_json(text)
    lines = [f"# {_cell(document.title)}", ""]
    for question, sentences in plain_answers(text):
        lines += [f"**{question}**", "", *(f"- {_cell(sentence)}" for sentence in sentences), ""]
    metrics: dict[str, float | None] = {}
    for curve, last in _mains(document):
        metrics |= {f"{short} of {curve.id}": getattr(last, role).value for role, short in ROLES.items()}
    for question, short in QUESTIONS.items():
        answers = [finding.answer for finding in document.findings if finding.question == question]
        if answers and short != "EN":
            metrics[f"curves where {short} improved"] = answers.count("improved")
    lines += ["At the largest n (rows per language), with 95% intervals; ▲ improved, ▼ worsened, ○ not resolved:", ""]
    lines += _table(("curve", "n", "EN", "S: trained languages", "U: held-out languages"), _curve_rows(document))
    if document.recommendations:
        names = ("task", "model", "setting")
        lines += ["", "Which mixture:", ""]
        lines += _table(
            (*names, "recommendation"),
            ([each.task, each.model, each.setting, each.statement] for each in document.recommendations),
        )
    if missing := document.missing_cells:
        lines += ["", f"{len(missing)} cell{' has' if len(missing) == 1 else 's have'} no scores yet:", ""]
        lines += [f"- {_cell(': '.join(filter(None, (cell.cell, cell.state, cell.error))))}" for cell in missing]
    return "\n".join(lines) + "\n", finite(metrics)


def _mains(document: Statistics) -> Iterator[tuple[Any, Any]]:
    """Every curve of a main metric, with its point at the largest n."""
    for curve in document.curves:
        points = [point for point in curve.points if point.samples_per_language is not None]
        if curve.main_metric and points:
            yield curve, max(points, key=lambda point: point.samples_per_language or 0)


def _curve_rows(document: Statistics) -> Iterator[list[str]]:
    answers = {(finding.curve, QUESTIONS.get(finding.question)): finding.answer for finding in document.findings}
    for curve, last in _mains(document):
        shown = [
            f"{MARKS.get(answers.get((curve.id, short), ''), '')} {_interval(getattr(last, role))}".strip()
            for role, short in ROLES.items()
        ]
        yield [curve.id, str(last.samples_per_language), *shown]


def _table(head: Iterable[str], rows: Iterable[list[str]]) -> list[str]:
    names = list(head)
    body = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return [f"| {' | '.join(names)} |", "|" + "---|" * len(names), *body]


def _cell(text: str) -> str:
    """Text that is shown as it is: it neither ends a cell nor a line, opens no tag, and marks nothing up."""
    return re.sub(r"([\\`*_\[\]!|])", r"\\\1", " ".join(text.replace("&", "&amp;").replace("<", "&lt;").split()))


def _interval(estimate: Any) -> str:
    if estimate.value is None:
        return f"– ({estimate.reason})" if estimate.reason else "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
