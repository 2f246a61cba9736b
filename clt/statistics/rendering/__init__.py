"""report.html and its figures, from the values of statistics.json."""
