"""How much data is enough, in plain sentences."""

from collections.abc import Iterator

from clt.statistics.analyses.noise.answer import steps_inside
from clt.statistics.analyses.response_curves.answer import what_more_rows_buy
from clt.statistics.analyses.response_curves.margin import margin_words
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import many


def how_much_is_enough(statistics: Statistics) -> Iterator[str]:
    """Where held-out languages still rise and where an n was enough, plateaus, and the steps inside the noise."""
    yield from what_more_rows_buy(statistics)
    yield from _plateaus(statistics)
    if statistics.steps:
        yield steps_inside(statistics)


def _plateaus(statistics: Statistics) -> Iterator[str]:
    """Where U has levelled off, where that is not shown, and where nothing can be said for lack of intervals."""
    curves = [curve for curve in statistics.curves if curve.main_metric and curve.held_out_languages]
    which = "" if all(curve.main_metric for curve in statistics.curves) else " of main metrics"
    plateaus = [curve.plateau_at["unseen"] for curve in curves if "unseen" in curve.plateau_at]
    told = [
        curve.plateau_at["unseen"]
        for curve in curves
        if "unseen" in curve.plateau_at
        and not curve.intervals.startswith("items;")  # of items alone another run may rise
    ]
    level = sum(plateau.at is not None for plateau in told)
    unknown = len(plateaus) - sum(plateau.at is not None or "needs " not in (plateau.reason or "") for plateau in told)
    margin = margin_words(curves)
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
            "needs two points or more and intervals of the changes between them that hold the noise between runs."
        )
