"""One curve: its measures, their intervals, and what they come to."""
