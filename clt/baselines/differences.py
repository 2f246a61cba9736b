"""What the last run was made with that the last one in control was not."""

from collections.abc import Iterator, Sequence

from clt.baselines.artifacts import CompleteRun
from clt.baselines.document import Difference, Run


def differences_of(made: Sequence[CompleteRun], runs: Sequence[Run]) -> Iterator[Difference]:
    """By name, each with the first run that has what is there now.

    Args:
        made: The complete runs, by number.
        runs: The same ones as the verdict lists them. Where none is in control, the one before the last is taken.
    """
    if len(runs) < 2:
        return
    earlier = [index for index, run in enumerate(runs[:-1]) if run.used == "in control"]
    reference = earlier[-1] if earlier else len(runs) - 2
    there, here = made[reference].made_with, made[-1].made_with
    for what in sorted(there.keys() | here.keys()):
        before, now = there.get(what, "nothing"), here.get(what, "nothing")
        if before != now:
            first = len(made) - 1
            while first > reference + 1 and made[first - 1].made_with.get(what, "nothing") == now:
                first -= 1
            yield Difference(what=what, before=before, now=now, since=runs[first].id)
