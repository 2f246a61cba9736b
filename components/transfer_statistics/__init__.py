"""What transferred: measures of every curve with their uncertainty, as statistics.json and report.html."""

from components.transfer_statistics.answers import plain_answers
from components.transfer_statistics.step import report, report_csv, report_repeats, transfer_statistics

__all__ = ["plain_answers", "report", "report_csv", "report_repeats", "transfer_statistics"]
