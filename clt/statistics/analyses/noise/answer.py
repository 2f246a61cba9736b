"""Which steps along n noise could have made, in a plain sentence."""

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import many


def steps_inside(statistics: Statistics) -> str:
    """How many steps along n are inside run-to-run noise; empty where the noise is not known."""
    if not statistics.steps:
        return ""
    inside, steps = (
        sum(getattr(curve_steps, name) for curve_steps in statistics.steps) for name in ("inside", "steps")
    )
    return (
        f"{inside} of {many(steps, 'step')} from one n to the next are no larger than the noise between two runs of "
        "the same training."
    )
