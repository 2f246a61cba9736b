"""What happened over the checkpoints of training, in statistics.json."""

from clt.statistics.curve.schema import Spearman
from clt.statistics.values import Document, Estimate


class DynamicsPoint(Document):
    step: int  # optimizer steps; 0 is the base model
    english: Estimate
    seen: Estimate
    unseen: Estimate


class Dynamics(Document):
    """One n of one curve over its checkpoints; runs are averaged at the steps that all of them have.

    The change is counted from the base model (step 0) where it was evaluated, else from the first checkpoint. S and U
    are the curve's at n = 0 too, where nothing but English was trained on: what its languages do by themselves.
    """

    curve: str
    samples_per_language: int
    metric: str
    runs: list[str]
    items: int  # independent items that the values rest on; 0 where the input holds only means
    covers: str  # what the intervals cover
    points: list[DynamicsPoint]  # in the order of steps
    half_seen: Estimate  # steps at which S has first made half of its change from the first point to the last
    half_unseen: Estimate
    lag: Estimate  # half_unseen - half_seen; positive: U comes later
    answer: str  # lags, leads, not resolved, no interval or undefined


class PooledSpearman(Document):
    """S against U over all checkpoints, n and runs of one curve, as the paper pooled them."""

    study: str
    model: str
    setting: str
    task: str
    metric: str
    mixture: str
    train_languages: list[str]
    spearman: Spearman


class DynamicsPart(Document):
    """The part of statistics.json on checkpoints."""

    dynamics: list[Dynamics]
    dynamics_spearman: list[PooledSpearman]
