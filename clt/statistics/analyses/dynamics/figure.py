"""What happened over the checkpoints of one trained point."""

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.curves.figures import ROLES
from clt.statistics.analyses.dynamics.schema import Dynamics, DynamicsPart
from clt.statistics.rendering.formatting import plain
from clt.statistics.rendering.svg import SMALL, Drawing, Figure, Series, XAxis, line_chart


def figures(part: DynamicsPart, context: Context) -> list[Figure]:
    """A chart for every trained point, in their order."""
    return [
        (
            f"dynamics-{context.names.anchors[trajectory.curve]}-n{trajectory.samples_per_language}",
            dynamics_chart(
                trajectory, f"{context.names.full(trajectory.curve)}, n = {trajectory.samples_per_language}"
            ),
        )
        for trajectory in part.dynamics
    ]


def dynamics_chart(trajectory: Dynamics, name: str) -> Drawing:
    """EN, S and U against optimizer steps; small, since there may be many."""
    series = [
        Series(
            name=label,
            style=role,
            values=[getattr(point, role).value for point in trajectory.points],
            low=[getattr(point, role).low for point in trajectory.points],
            high=[getattr(point, role).high for point in trajectory.points],
        )
        for label, role in ROLES
    ]
    form = plain(2)
    half = [
        f"half of the change of {symbol} by step {form(half_step.value)}"
        for symbol, half_step in (("S", trajectory.half_seen), ("U", trajectory.half_unseen))
        if half_step.value is not None
    ]
    text = f"English, S and U against optimizer steps: {name}. {'; '.join([*half, f'U {trajectory.answer}'])}."
    steps = [point.step for point in trajectory.points]
    axis = XAxis(labels=[str(step) for step in steps], places=steps, title="optimizer steps")
    return line_chart(series, axis, text=text, frame=SMALL)
