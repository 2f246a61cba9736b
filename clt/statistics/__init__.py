"""What transferred: measures of every curve with their uncertainty, as statistics.json and report.html."""

from clt.statistics.answers import plain_answers
from clt.statistics.step import report, report_csv, report_repeats, transfer_statistics

__all__ = ["plain_answers", "report", "report_csv", "report_repeats", "transfer_statistics"]
