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
    from clt.statistics.scores.from_csv import read_scores
    from clt.statistics.scores.from_store import read_studies
    from clt.statistics.scores.table import ScoreTable
    from clt.statistics.write import write_report

_LATE = {
    "RecommendationRequest": "analyses.recommendation.request",
    "ScoreTable": "scores.table",
    "Statistics": "document",
    "compute_statistics": "compute",
    "read_claims": "analyses.claims.claim",
    "read_scores": "scores.from_csv",
    "read_studies": "scores.from_store",
    "write_report": "write",
}

__all__ = [
    "RecommendationRequest",
    "ScoreTable",
    "Statistics",
    "compute_statistics",
    "plain_answers",
    "read_claims",
    "read_scores",
    "read_studies",
    "report",
    "report_csv",
    "report_repeats",
    "transfer_statistics",
    "write_report",
]


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
