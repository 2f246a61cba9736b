"""The statistics of a study in the few sentences and numbers that Kubeflow's run page shows."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clt.cluster.runs.pointer import finite
from clt.statistics import Statistics, markdown_table, markdown_text, plain_answers

ROLES = {"english": "EN", "seen": "S", "unseen": "U"}
MARKS = {"improved": "▲", "worsened": "▼", "not resolved": "○"}
QUESTIONS = {"english_cost": "EN", "seen_rise": "S", "unseen_rise": "U"}


def summarize(statistics: Path) -> tuple[str, dict[str, float]]:
    """The report in short.

    Args:
        statistics: A statistics.json.

    Returns:
        Markdown: every curve's main metric at its largest n, the recommendations, the answers that open report.html,
        and the missing cells. And finite metrics by name, which are the same in every study of the same curves: in how
        many of them S and U improved, then EN, S and U at the largest n ("EN math exact_match small en+es+fr").
    """
    text = statistics.read_text(encoding="utf-8")
    document = Statistics.model_validate_json(text)
    lines = [f"# {markdown_text(document.title)}", ""]
    lines += _section("At the largest n (rows per language)", _curve_table(document))
    lines += ["95% intervals. ▲ improved, ▼ worsened, ○ not resolved.", ""]
    lines += _section("Recommended mixtures", _recommendation_table(document))
    for question, sentences in plain_answers(text):
        lines += _section(markdown_text(question), [f"- {markdown_text(sentence)}" for sentence in sentences])
    lines += _section(_missing_head(len(document.missing_cells)), _missing_list(document))
    return "\n".join(lines), finite(_improved(document) | _ends(document))


def _section(heading: str, lines: list[str]) -> list[str]:
    """A heading and what stands below it: the viewer sets nothing apart but headings. Without lines there is none."""
    return [f"## {heading}", "", *lines, ""] if lines else []


def _improved(document: Statistics) -> dict[str, float | None]:
    """In how many curves S and U rose by more than the noise."""
    counted: dict[str, float | None] = {}
    for question, short in QUESTIONS.items():
        answers = [finding.answer for finding in document.findings if finding.question == question]
        if answers and short != "EN":
            counted[f"{short} improved in curves"] = answers.count("improved")
    return counted


def _ends(document: Statistics) -> dict[str, float | None]:
    """EN, S and U of every curve's main metric at its largest n."""
    names = _names([curve for curve, _ in _mains(document)])
    return {
        f"{short} {names[curve.id]}": getattr(last, role).value
        for curve, last in _mains(document)
        for role, short in ROLES.items()
    }


def _names(curves: list[Any]) -> dict[str, str]:
    """Short names by a curve's id: what is compared between studies, and more only where that names two curves."""
    facts: dict[str, list[str]] = {
        curve.id: [curve.task, curve.metric, curve.model, "+".join(curve.train_languages)] for curve in curves
    }
    for further in ("setting", "mixture", "study"):
        counts = Counter(" ".join(parts) for parts in facts.values())
        for curve in curves:
            if counts[" ".join(facts[curve.id])] > 1:
                facts[curve.id] = [*facts[curve.id], getattr(curve, further)]
    return {identity: " ".join(parts) for identity, parts in facts.items()}


def _mains(document: Statistics) -> Iterator[tuple[Any, Any]]:
    """Every curve of a main metric, with its point at the largest n."""
    for curve in document.curves:
        points = [point for point in curve.points if point.samples_per_language is not None]
        if curve.main_metric and points:
            yield curve, max(points, key=lambda point: point.samples_per_language or 0)


def _curve_table(document: Statistics) -> list[str]:
    answers = {(finding.curve, QUESTIONS.get(finding.question)): finding.answer for finding in document.findings}
    names = _names([curve for curve, _ in _mains(document)])
    rows = []
    for curve, last in _mains(document):
        shown = [
            f"{MARKS.get(answers.get((curve.id, short), ''), '')} {_interval(getattr(last, role))}".strip()
            for role, short in ROLES.items()
        ]
        rows.append([names[curve.id], str(last.samples_per_language), *shown])
    return markdown_table(("curve", "n", "EN", "S: trained languages", "U: held-out languages"), rows)


def _recommendation_table(document: Statistics) -> list[str]:
    rows = [[each.task, each.model, each.setting, each.statement] for each in document.recommendations]
    return markdown_table(("task", "model", "setting", "recommendation"), rows)


def _missing_head(count: int) -> str:
    return f"{count} cell{' has' if count == 1 else 's have'} no scores yet"


def _missing_list(document: Statistics) -> list[str]:
    return [
        f"- {markdown_text(': '.join(filter(None, (cell.cell, cell.state, cell.error))))}"
        for cell in document.missing_cells
    ]


def _interval(estimate: Any) -> str:
    if estimate.value is None:
        return f"– ({estimate.reason})" if estimate.reason else "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
