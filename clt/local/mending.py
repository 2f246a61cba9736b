"""What becomes of damaged artifacts: they are let go, so that the next run makes them anew."""

from collections.abc import Iterable

from clt.store import Store


def let_go(store: Store, damaged: Iterable[str]) -> list[str]:
    """Make damaged keys incomplete; returns which, with the step's output that each belongs to.

    A checkpoint is only made with its training, so the training goes too, and likewise an evaluation with its scores.
    What else lies below an output goes alone: a resume state, the log of a job, the step of a run. Other checkpoints of
    the same training stand, and scores that are complete stay so.

    Args:
        store: Which.
        damaged: Keys, as `verify` names them.
    """
    there = set(store.keys(""))
    keys = set(damaged)
    gone = sorted((keys | {key.partition("/checkpoints/")[0] for key in keys}) & there)
    for key in gone:
        store.remove(key, only=None)
    return gone
