"""Whose rows help whom, and how to divide a budget of rows."""
