"""Train a cell's model on its mixture: answer-only loss, checkpoints, exact resume.

Importing this package is cheap; torch and transformers are imported when `train` has something to do.
"""

from clt.training.step import OnStep, train

__all__ = ["OnStep", "train"]
