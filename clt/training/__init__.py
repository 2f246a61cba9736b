"""Train a cell's model on its mixture: answer-only loss, checkpoints, exact resume.

From the top: `step` (the step of the pipeline), `trainer` (one training), `train_step` (one of its optimizer steps),
`validation`. Its rows: `data`, `batch`, `layout`, `attention`. Its model: `model`, `loss`, `cross_entropy`, `adapter`.
Its processes: `processes`, `peers`, `sharding`, `weights`. What it leaves: `checkpoint`, `states`, `state_shards`,
`upload`, `stop`. How it is watched: `speed`, `scalars`, `trackers`. Importing this package is cheap; torch and
transformers are imported when `train` has something to do.
"""

from clt.training.progress_bar import OnStep
from clt.training.step import train

__all__ = ["OnStep", "train"]
