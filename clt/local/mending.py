"""What becomes of damaged artifacts: they are let go, so that the next run makes them anew."""

from collections.abc import Iterable

from clt.store import Store


def let_go(store: Store, damaged: Iterable[str]) -> list[str]:
    """Make damaged keys incomplete; returns which, with the step's output that each belongs to.

    A checkpoint is only made with its training, so the training goes too, and likewise an evaluation with its scores. A
    resume state goes alone. Other checkpoints of the same training stand, and scores that are complete stay so.

    Args:
        store: Which.
        damaged: Keys, as `verify` names them.
    """
    there = set(store.keys(""))
    keys = {each for key in damaged for each in ((key,) if "/states/" in key else (key, "/".join(key.split("/")[:2])))}
    gone = sorted(keys & there)
    for key in gone:
        store.remove(key, only=None)
    return gone
