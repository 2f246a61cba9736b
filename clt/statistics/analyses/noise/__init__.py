"""Run-to-run noise, and scores that stand far from their curve."""
