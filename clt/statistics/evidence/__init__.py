"""Across curves: comparisons, noise, variance, conditions, dynamics and what to recommend."""
