"""How much data is enough, in plain sentences."""

from collections.abc import Iterator
from statistics import median

from clt.statistics.analyses.noise.answer import steps_inside
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import many


def how_much_is_enough(statistics: Statistics) -> Iterator[str]:
    """The n at which held-out languages had made their rise, plateaus, and the steps inside the noise."""
    risen = [
        combination
        for combination in statistics.conditions.combinations
        if combination.answer == "improved" and combination.enough.at is not None
    ]
    if risen:
        needed = sorted(combination.enough.at for combination in risen if combination.enough.at is not None)
        spread = f"n = {needed[0]}" if needed[0] == needed[-1] else f"n = {needed[0]} to {needed[-1]}"
        middle = "" if needed[0] == needed[-1] else f" (median {median(needed):g})"
        yield (
            f"Where held-out languages improved ({many(len(risen), 'combination')}), 95% of the rise was reached at "
            f"{spread}{middle} samples per language."
        )
    elif any(combination.unseen_change.low is not None for combination in statistics.conditions.combinations):
        yield "In no combination did held-out languages improve by more than their interval, so no amount can be named."
    yield from _plateaus(statistics)
    if statistics.steps:
        yield steps_inside(statistics)


def _plateaus(statistics: Statistics) -> Iterator[str]:
    """Where U has levelled off, where that is not shown, and where nothing can be said for lack of intervals."""
    curves = [curve for curve in statistics.curves if curve.main_metric and curve.held_out_languages]
    which = "" if all(curve.main_metric for curve in statistics.curves) else " of main metrics"
    plateaus = [curve.plateau_at["unseen"] for curve in curves if "unseen" in curve.plateau_at]
    level = sum(plateau.at is not None for plateau in plateaus)
    unknown = sum(plateau.at is None and "needs " in (plateau.reason or "") for plateau in plateaus)
    margins = sorted({plateau.margin for plateau in plateaus})
    margin = " or ".join(f"{plateau:g}" for plateau in margins) + (", by metric" if len(margins) > 1 else "")
    if level:
        yield (
            f"In {level} of {many(len(plateaus), 'curve')}{which} U has levelled off or never rose: from some n on, no "
            f"later point can be better by the margin ({margin}) or more."
        )
    elif unknown < len(plateaus):
        yield (
            f"In none of {many(len(plateaus), 'curve')}{which} is it shown that U had stopped improving by the margin "
            f"({margin}) or more: more data may still help."
        )
    if unknown:
        yield (
            f"Whether U has levelled off cannot be told in {unknown} of {many(len(plateaus), 'curve')}{which}: that "
            "needs two points or more and intervals of the changes between them."
        )
