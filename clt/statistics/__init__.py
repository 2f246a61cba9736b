"""What transferred: measures of every curve with their uncertainty, as statistics.json and report.html.

Importing it is light: what needs numpy and pandas is imported when it is first used.
"""

import importlib
from typing import TYPE_CHECKING

from clt.statistics.answers import plain_answers
from clt.statistics.step import report, report_csv, report_repeats, transfer_statistics

if TYPE_CHECKING:
    from clt.statistics.analyses.claims.claim import read_claims
    from clt.statistics.analyses.recommendation.request import RecommendationRequest
    from clt.statistics.compute import compute_statistics
    from clt.statistics.document import Statistics
    from clt.statistics.reading.answers import CellAnswers, cell_answers
    from clt.statistics.reading.lines import answer_lines
    from clt.statistics.reading.page import answers_page
    from clt.statistics.rendering.formatting import many, plain, signed, words
    from clt.statistics.rendering.markdown import markdown_table, markdown_text
    from clt.statistics.rendering.style import page_style
    from clt.statistics.rendering.svg import (
        Drawing,
        Frame,
        XAxis,
        label,
        length,
        round_range,
        ticks_between,
        x_axis,
        y_axis,
    )
    from clt.statistics.rendering.templating import templates
    from clt.statistics.scores.from_csv import read_scores
    from clt.statistics.scores.from_store import find_scores_of, read_stored_scores, read_studies
    from clt.statistics.scores.table import ScoreTable
    from clt.statistics.target_scores import TargetScore, TargetScores, no_scores, scores_of_targets
    from clt.statistics.values import Document, number, numbers
    from clt.statistics.write import write_report

_LATE = {
    "CellAnswers": "reading.answers",
    "Document": "values",
    "Drawing": "rendering.svg",
    "Frame": "rendering.svg",
    "RecommendationRequest": "analyses.recommendation.request",
    "ScoreTable": "scores.table",
    "Statistics": "document",
    "TargetScore": "target_scores",
    "TargetScores": "target_scores",
    "XAxis": "rendering.svg",
    "answer_lines": "reading.lines",
    "answers_page": "reading.page",
    "cell_answers": "reading.answers",
    "compute_statistics": "compute",
    "find_scores_of": "scores.from_store",
    "label": "rendering.svg",
    "length": "rendering.svg",
    "many": "rendering.formatting",
    "markdown_table": "rendering.markdown",
    "markdown_text": "rendering.markdown",
    "no_scores": "target_scores",
    "number": "values",
    "numbers": "values",
    "page_style": "rendering.style",
    "plain": "rendering.formatting",
    "read_claims": "analyses.claims.claim",
    "read_scores": "scores.from_csv",
    "read_stored_scores": "scores.from_store",
    "read_studies": "scores.from_store",
    "round_range": "rendering.svg",
    "scores_of_targets": "target_scores",
    "signed": "rendering.formatting",
    "templates": "rendering.templating",
    "ticks_between": "rendering.svg",
    "words": "rendering.formatting",
    "write_report": "write",
    "x_axis": "rendering.svg",
    "y_axis": "rendering.svg",
}

__all__ = [
    "CellAnswers",
    "Document",
    "Drawing",
    "Frame",
    "RecommendationRequest",
    "ScoreTable",
    "Statistics",
    "TargetScore",
    "TargetScores",
    "XAxis",
    "answer_lines",
    "answers_page",
    "cell_answers",
    "compute_statistics",
    "find_scores_of",
    "label",
    "length",
    "many",
    "markdown_table",
    "markdown_text",
    "no_scores",
    "number",
    "numbers",
    "page_style",
    "plain",
    "plain_answers",
    "read_claims",
    "read_scores",
    "read_stored_scores",
    "read_studies",
    "report",
    "report_csv",
    "report_repeats",
    "round_range",
    "scores_of_targets",
    "signed",
    "templates",
    "ticks_between",
    "transfer_statistics",
    "words",
    "write_report",
    "x_axis",
    "y_axis",
]


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
