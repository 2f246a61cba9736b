"""Train a cell's model on its mixture: answer-only loss, checkpoints, exact resume.

From the top: `step` (the step of the pipeline), `trainer` (one training, and one of its optimizer steps), `data`,
`loss`, `model`, `validation`, `checkpoint`, `environment`. Importing this package is cheap; torch and transformers are
imported when `train` has something to do.
"""

from clt.training.progress_bar import OnStep
from clt.training.step import train

__all__ = ["OnStep", "train"]
