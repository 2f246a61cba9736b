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
    from clt.statistics.scores.from_csv import read_scores
    from clt.statistics.scores.from_store import find_scores_of, read_stored_scores, read_studies
    from clt.statistics.scores.table import ScoreTable
    from clt.statistics.target_scores import TargetScore, TargetScores, no_scores, scores_of_targets
    from clt.statistics.values import Document, number
    from clt.statistics.write import write_report

_LATE = {
    "CellAnswers": "reading.answers",
    "Document": "values",
    "RecommendationRequest": "analyses.recommendation.request",
    "ScoreTable": "scores.table",
    "Statistics": "document",
    "TargetScore": "target_scores",
    "TargetScores": "target_scores",
    "answer_lines": "reading.lines",
    "answers_page": "reading.page",
    "cell_answers": "reading.answers",
    "compute_statistics": "compute",
    "find_scores_of": "scores.from_store",
    "no_scores": "target_scores",
    "number": "values",
    "read_claims": "analyses.claims.claim",
    "read_scores": "scores.from_csv",
    "read_stored_scores": "scores.from_store",
    "read_studies": "scores.from_store",
    "scores_of_targets": "target_scores",
    "write_report": "write",
}

__all__ = [
    "CellAnswers",
    "Document",
    "RecommendationRequest",
    "ScoreTable",
    "Statistics",
    "TargetScore",
    "TargetScores",
    "answer_lines",
    "answers_page",
    "cell_answers",
    "compute_statistics",
    "find_scores_of",
    "no_scores",
    "number",
    "plain_answers",
    "read_claims",
    "read_scores",
    "read_stored_scores",
    "read_studies",
    "report",
    "report_csv",
    "report_repeats",
    "scores_of_targets",
    "transfer_statistics",
    "write_report",
]


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
