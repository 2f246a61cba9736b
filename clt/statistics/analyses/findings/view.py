"""The answers of every curve: small multiples by task and model, and the same in a table."""

from typing import Any

from clt.statistics.analyses.context import MARKS, Context
from clt.statistics.analyses.findings.schema import Finding, FindingsPart
from clt.statistics.rendering.formatting import words

VERDICTS = (("S", "seen_rise"), ("U", "unseen_rise"), ("English", "english_cost"))
QUESTIONS = ("seen_rise", "unseen_rise", "unseen_latin_rise", "unseen_non_latin_rise", "english_cost")


def view(part: FindingsPart, context: Context) -> dict[str, Any] | None:
    by_curve: dict[str, dict[str, Finding]] = {}
    for finding in part.findings:
        by_curve.setdefault(finding.curve, {})[finding.question] = finding
    mains = [curve for curve in context.statistics.curves if curve.main_metric]
    if not mains:
        return None
    rows = [
        {
            "curve": curve,
            "task": words(curve.task),
            "name": context.names.short(curve),
            "model": curve.model,
            "rest": context.names.short(curve).removeprefix(curve.model).removeprefix(" · "),
            "anchor": context.names.anchors[curve.id],
            "panel": context.curve_figures[curve.id].panel.inline(),
            "signed": context.signed(curve.id),
            "verdicts": [
                (symbol, by_curve[curve.id][question])
                for symbol, question in VERDICTS
                if question in by_curve.get(curve.id, {})
            ],
            "answers": [by_curve.get(curve.id, {}).get(question) for question in QUESTIONS],
        }
        for curve in mains
    ]
    tasks = sorted({curve.task for curve in mains})
    return {
        "tasks": [
            {
                "name": words(task),
                "metric": words(next(curve.metric for curve in mains if curve.task == task)),
                "rows": [row for row, curve in zip(rows, mains, strict=True) if curve.task == task],
            }
            for task in tasks
        ],
        "rows": rows,
        "marks": MARKS,
    }
