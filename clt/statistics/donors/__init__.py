"""Whose rows help whom: every mixture of a model and task as one additive model on a link scale."""
