"""What happened over the checkpoints of training, in statistics.json."""

from components.transfer_statistics.schema.curve import Spearman
from components.transfer_statistics.schema.values import Document, Estimate


class DynamicsPoint(Document):
    step: int  # optimizer steps
    english: Estimate
    seen: Estimate
    unseen: Estimate


class Dynamics(Document):
    """One point of one curve over its checkpoints; runs are averaged at the steps that all of them have."""

    curve: str
    samples_per_language: int
    metric: str
    runs: list[str]
    points: list[DynamicsPoint]  # in the order of steps
    half_seen: Estimate  # steps at which S has made half of its change from the first checkpoint to the last
    half_unseen: Estimate
    lag: Estimate  # half_unseen - half_seen; positive: U comes later
    answer: str  # lags, leads, not resolved, no interval or undefined


class PooledSpearman(Document):
    """S against U over all checkpoints, n and runs of one model and task, as the paper pooled them."""

    study: str
    model: str
    setting: str
    task: str
    metric: str
    train_languages: list[str]
    spearman: Spearman
